PRAGMA application_id = 1398229553;
PRAGMA user_version = 1;
CREATE TABLE store (id TEXT NOT NULL) STRICT;
CREATE TABLE claim (
    cluster  TEXT PRIMARY KEY,
    epoch    INTEGER NOT NULL CHECK (epoch > 0),
    holder   TEXT,
    since    INTEGER NOT NULL,
    lease_ms INTEGER NOT NULL CHECK (lease_ms > 0),
    until    INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
CREATE TRIGGER claim_epoch_rises BEFORE UPDATE ON claim WHEN new.epoch < old.epoch
    BEGIN SELECT RAISE(ABORT, 'an epoch never falls'); END;
CREATE TRIGGER claim_is_kept BEFORE DELETE ON claim
    BEGIN SELECT RAISE(ABORT, 'an epoch is never forgotten'); END;
CREATE TABLE run (
    id         INTEGER PRIMARY KEY CHECK (id > 0),
    v          INTEGER NOT NULL,
    cluster    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    plan_hash  TEXT NOT NULL,
    plan       TEXT NOT NULL,
    sha256     TEXT NOT NULL
  ) STRICT;
CREATE INDEX run_of_cluster ON run (cluster);
CREATE TRIGGER run_is_kept BEFORE DELETE ON run
    BEGIN SELECT RAISE(ABORT, 'a run is never removed'); END;
CREATE TRIGGER run_is_never_changed BEFORE UPDATE ON run
    BEGIN SELECT RAISE(ABORT, 'a run is never changed'); END;
CREATE TABLE journal (
    run   INTEGER NOT NULL REFERENCES run (id),
    n     INTEGER NOT NULL CHECK (n > 0),
    v     INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (run, n)
  ) STRICT, WITHOUT ROWID;
CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TABLE signal (
    run       INTEGER PRIMARY KEY REFERENCES run (id),
    at        INTEGER NOT NULL,
    desired   TEXT NOT NULL CHECK (desired IN ('run', 'pause', 'abort')),
    asked_by  TEXT NOT NULL,
    reason    TEXT NOT NULL
  ) STRICT;
CREATE TABLE progress (
    run   INTEGER PRIMARY KEY REFERENCES run (id),
    at    INTEGER NOT NULL,
    turn  TEXT,
    step  TEXT,
    state TEXT NOT NULL
  ) STRICT;
INSERT INTO store VALUES ('11111111-2222-4333-8444-555555555555');
INSERT INTO claim VALUES ('orders', 1, NULL, 1795197600000, 15000, 1795197600000);
INSERT INTO run VALUES (1, 1, 'orders', 1795197600000, '7f3a000000000000000000000000000000000000000000000000000000000000', '{"checks":[{"code":"SW2107","object":"n1","price":"none","remedy":"wait","source":"rule 3","verdict":"warning","what":"slow"}],"cluster":"orders","createdAt":"2026-11-20T18:00:00.000Z","createdBy":"ana on jump1","facts":{"now":{"leader":"n1"},"structure":{"n1":"1.0"}},"goal":{"artefact":{"bytes":1024,"path":"/srv/fake-2.0.tar.gz","sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","version":"2.0"},"mode":"auto","only":null,"options":{},"restart":false,"settings":{},"version":"2.0"},"hash":"7f3a000000000000000000000000000000000000000000000000000000000000","impact":[{"basis":"driver default","effect":"paused","expectedMs":400,"feature":"writes","measure":{"by":"longest-write-gap"},"source":"rule 1","turn":"t1"},{"basis":"driver default","effect":"degraded","expectedMs":300,"feature":"reads on n1","measure":{"by":"node-unavailable","node":"n1"},"source":"rule 2","turn":"t1"}],"mode":"zero-downtime","modes":[{"eligible":true,"mode":"zero-downtime","why":"minor release"}],"overrides":[{"by":"ana","code":"SW2107","reason":"agreed"}],"rollsBack":null,"structureDigest":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","system":"fake","turns":[{"id":"t1","items":[{"do":"stop","expectedMs":500,"id":"t1.stop","params":{"node":"n1"},"phase":"stop","title":"stop n1","withinMs":60000},{"do":"pause","held":"release","id":"t1.pause","may":{"atMost":3,"do":["move"]},"params":null,"phase":"guard"},{"ask":"May it go?","commits":{"of":"run","why":"the format changes"},"do":"swap","id":"t1.swap","params":{},"phase":"replace"},{"undo":"t1.pause"}],"nodes":["n1"],"role":"member","title":"restart on 2.0"}],"undoUntil":"the end","unfenced":["move"],"version":1}', '5413af7d2a6a335b1e679520fe1b2641886cbc811ef2546d923aec901b42ad07');
INSERT INTO journal VALUES (1, 1, 1, 1, 1795197600000, '{"holder":"ana on jump1","is":"claimed","pid":4211,"verb":"apply"}');
INSERT INTO journal VALUES (1, 2, 1, 1, 1795197600000, '{"at":1795197600000,"before":{"größe":[1.5,null,true],"pid":17,"was":"running"},"is":"acting","settled":1795197605000,"step":"t1.stop"}');
INSERT INTO journal VALUES (1, 3, 1, 1, 1795197600000, '{"at":1795197601000,"is":"acting","settled":1795197606000,"step":"t1.stop"}');
INSERT INTO journal VALUES (1, 4, 1, 1, 1795197600000, '{"is":"acted","receipt":{"code":0},"step":"t1.stop"}');
INSERT INTO journal VALUES (1, 5, 1, 1, 1795197600000, '{"is":"refused","step":"t1.stop","why":"not\nnow"}');
INSERT INTO journal VALUES (1, 6, 1, 1, 1795197600000, '{"before":null,"into":[{"do":"move","id":"t1.swap.1","params":{"p":1},"phase":"move"},{"undo":"t1.pause"}],"is":"expanded","step":"t1.swap"}');
INSERT INTO journal VALUES (1, 7, 1, 1, 1795197600000, '{"is":"done","proof":null,"step":"t1.stop"}');
INSERT INTO journal VALUES (1, 8, 1, 1, 1795197600000, '{"before":"running","is":"done","proof":"paused","step":"t1.pause"}');
INSERT INTO journal VALUES (1, 9, 1, 1, 1795197600000, '{"is":"lost","step":"t1.pause"}');
INSERT INTO journal VALUES (1, 10, 1, 1, 1795197600000, '{"is":"undone","step":"t1.pause"}');
INSERT INTO journal VALUES (1, 11, 1, 1, 1795197600000, '{"is":"released","step":"t1.pause"}');
INSERT INTO journal VALUES (1, 12, 1, 1, 1795197600000, '{"is":"absent","step":"t1.stop"}');
INSERT INTO journal VALUES (1, 13, 1, 1, 1795197600000, '{"code":"SW2103","is":"asked","question":"Did it happen?","step":"t1.swap"}');
INSERT INTO journal VALUES (1, 14, 1, 1, 1795197600000, '{"answer":"again","by":"ana","is":"answered","reason":"it did not","step":"t1.swap"}');
INSERT INTO journal VALUES (1, 15, 1, 1, 1795197600000, '{"code":"operator","is":"paused","step":null,"why":"asked by ben"}');
INSERT INTO journal VALUES (1, 16, 1, 1, 1795197600000, '{"code":"SW2102","is":"paused","step":"t1.swap","why":"late"}');
INSERT INTO journal VALUES (1, 17, 1, 1, 1795197600000, '{"by":"ana","finish":false,"is":"aborting","reason":"window is over","turn":"t1"}');
INSERT INTO journal VALUES (1, 18, 1, 1, 1795197600000, '{"by":"ana","finish":true,"is":"aborting","reason":"window is over","turn":null}');
INSERT INTO journal VALUES (1, 19, 1, 1, 1795197600000, '{"is":"alarm","step":"t1.pause","what":"lease left behind"}');
INSERT INTO journal VALUES (1, 20, 1, 1, 1795197600000, '{"is":"alarm","step":null,"what":"disk nearly full"}');
INSERT INTO journal VALUES (1, 21, 1, 1, 1795197600000, '{"as":"aborted","is":"finished"}');
INSERT INTO signal VALUES (1, 1795197600000, 'pause', 'ben', 'lunch');
INSERT INTO progress VALUES (1, 1795197600000, 't1', NULL, 'paused');
