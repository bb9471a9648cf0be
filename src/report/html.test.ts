import { describe, expect, test } from "vitest";
import { composeReport } from "./compose.ts";
import { htmlReport } from "./html.ts";
import { escaped, markup } from "./markup.ts";
import { crashedRun, failedRun, normalRun, runs, unmeasuredRun } from "./testing/runs.ts";

const offsetMinutes = 60;
const render = (run: () => ReturnType<typeof normalRun>): string => htmlReport(composeReport(run()), { offsetMinutes });
const voids = new Set(["meta", "!doctype", "br", "link", "img"]);

/** Every tag is closed, in order: the smallest part of well-formed that a forgotten or injected tag breaks. */
function unbalanced(html: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const body = html.replace(/<style>[\s\S]*?<\/style>/, "");
  for (const [, close, name = "", self] of body.matchAll(/<(\/?)([a-zA-Z!][\w-]*)(?:\s+[\w:-]+(?:="[^"<]*")?|\s+html)*\s*(\/?)>/g)) {
    if (voids.has(name.toLowerCase()) || self === "/") continue;
    if (close === "") open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe.each(Object.entries(runs))("%s", (_, run) => {
  const html = render(run);
  test("is one file without a script and without anything from outside", () => {
    expect(html).not.toMatch(/<script|<link|<img|<iframe|<object|\son\w+=|@import|src=/i);
    expect(html.match(/https?:\/\/[^"]*/g) ?? []).toEqual(["http://www.w3.org/2000/svg"]);
    expect([...new Set(html.match(/url\([^)]*\)/g))].sort()).toEqual(["url(#hatch)", "url(#hatch-look)"]);
    expect(html).toContain("default-src 'none'");
  });
  test("is well formed, with every stray angle bracket escaped", () => {
    expect(unbalanced(html)).toEqual([]);
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });
  test("has one heading of first rank, a named picture with its words, light and dark and paper", () => {
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html).toMatch(/<svg class="picture"[^>]*role="img" aria-labelledby="picture-title picture-words"/);
    expect(html).toMatch(/<desc id="picture-words">Turn begin/);
    for (const rule of ["prefers-color-scheme: dark", "@media print", "size: A4"]) expect(html).toContain(rule);
  });
  test("draws nothing outside the picture", () => {
    for (const [, x, width] of html.matchAll(/<rect class="(?:bar|risk|away|unserved|gap)[^"]*" x="(-?[\d.]+)%" width="(-?[\d.]+)%"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(width)).toBeGreaterThan(0);
      expect(Number(x) + Number(width)).toBeLessThanOrEqual(100.3);
    }
  });
  test("has no id twice", () => {
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test("the gap stands under its cause: the same time is at the same place", () => {
  const html = render(failedRun);
  const at = (pattern: RegExp): readonly [number, number] => {
    const [, x, width] = pattern.exec(html)!;
    return [Number(x), Number(x) + Number(width)];
  };
  const [gapFrom, gapTo] = at(/<rect class="gap" x="([\d.]+)%" width="([\d.]+)%"/);
  const [, movedTo] = at(/<rect class="bar move move" x="([\d.]+)%" width="([\d.]+)%"[^>]*><title>move: promote pg2/);
  const [stopFrom] = at(/<rect class="bar down stop" x="([\d.]+)%" width="([\d.]+)%"[^>]*><title>stop: stop pg1/);
  expect(gapFrom).toBeCloseTo(stopFrom, 1);
  expect(gapTo).toBeCloseTo(movedTo, 1);
});

test("what people typed cannot become markup", () => {
  const html = render(unmeasuredRun);
  expect(html).toContain("orders&lt;/title&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
  expect(escaped("\u0000<a href='x'>&\u0007")).toBe("\ufffd&lt;a href=&#39;x&#39;&gt;&amp;\ufffd");
  expect(markup`<b>${"<i>"}${markup`<u>${3}</u>`}${null}${["a", "&"]}</b>`.text).toBe("<b>&lt;i&gt;<u>3</u>a&amp;</b>");
});
test("green is only for a pass and for forecasts that held", () => {
  expect(render(normalRun)).toContain('<p class="verdict pass">Passed</p>');
  expect(render(failedRun)).toContain('<p class="verdict fail">Failed: 14 acknowledged records are gone; 1 lease left behind</p>');
  expect(render(unmeasuredRun)).toContain('<p class="verdict not-measured">Not measured</p>');
  expect(render(runs.aborted)).toContain("Aborted by ben, \u201creplication lag alarm on the reporting side\u201d; not measured");
});
test("crashes and pauses are seen in the picture and said in words", () => {
  const html = render(crashedRun);
  for (const words of ["Stillwater gone 6.26 s", "paused 00:30:00", "asked 3.1 s", "shift change", "window open until 03:00", "pg3 lags by 40 MB"])
    expect(html).toContain(words);
});
test("the impact table names turns where there are several, and where the vendor is silent nothing points at the row", () => {
  const report = composeReport(normalRun());
  const [row] = report.impact;
  const impact = [row!, { ...row!, feature: "alerts", forecast: { ...row!.forecast, source: "undocumented: alerts" }, holds: null }];
  const html = htmlReport({ ...report, impact }, { offsetMinutes });
  const section = /What was felt[\s\S]*?<\/section>/.exec(html)?.[0] ?? "";
  expect(section).not.toContain(">turn<");
  expect(section).toContain('<span class="soft">undocumented</span>');
  expect(htmlReport({ ...report, impact: [row!, { ...row!, phase: "another" }] }, { offsetMinutes })).toContain(
    '<th scope="col" class="tight">turn</th>',
  );
});
test("times are local and the distance from UTC is named once", () => {
  expect(render(normalRun)).toContain("2026-11-20 02:29:31 to 2026-11-20 02:29:38 (UTC+01:00)");
});
test("a report without details is rendered without the picture", () => {
  const { detail: _, ...figures } = composeReport(normalRun());
  const html = htmlReport(figures, { offsetMinutes });
  expect(html).not.toContain('class="picture"');
  expect(unbalanced(html)).toEqual([]);
});
test("a cluster of many nodes has thin lanes, not a picture of ten pages", () => {
  const run = normalRun();
  const many = Array.from({ length: 60 }, (_, index) => ({ ...run.nodes.after[0]!, name: `node-with-a-long-name-${index}` }));
  const html = htmlReport(composeReport({ ...run, nodes: { before: many, after: many } }), { offsetMinutes });
  expect(Number(/<svg class="picture" width="100%" height="(\d+)"/.exec(html)![1])).toBeLessThan(2_000);
  expect(unbalanced(html)).toEqual([]);
});
