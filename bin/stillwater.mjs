#!/usr/bin/env -S node --max-semi-space-size=1
// A small young generation keeps a worker small, and can be asked for only when it starts. (An old Node understands the flag too.)
// Plain old JavaScript without static imports, so that an old Node can still say in one line what is needed instead of showing a syntax error.
var wanted = 24;
var found = process.versions.node;

if (parseInt(found, 10) < wanted) {
  process.stderr.write("stillwater needs Node " + wanted + " or newer; this is Node " + found + " (" + process.execPath + ")\n");
  process.exitCode = 2;
} else {
  Promise.all([import("fs"), import("module"), import("v8")])
    .then(function (modules) {
      if (hasLargePlans(modules[0])) staySmall(modules[2]);
      rememberCompiledCode(modules[0], modules[1]);
      // A checkout, an installed package, and the copy inside that package.
      var places = ["../src/cli/main.ts", "../dist/src/cli/main.js", "../src/cli/main.js"].map(function (place) {
        return new URL(place, import.meta.url);
      });
      var start = places.find(function (place) {
        return modules[0].existsSync(place);
      });
      return import((start || places[1]).href);
    })
    .catch(function (error) {
      process.stderr.write(((error && error.stack) || String(error)) + "\n");
      process.exitCode = 1;
    });
}

// Of thousands of applications, for example. Known before anything is loaded, because compiled code is kept for one set of flags.
function hasLargePlans(fs) {
  var named = process.argv.indexOf("--state");
  var joined = process.argv.find(function (word) {
    return word.indexOf("--state=") === 0;
  });
  var plans = (named > 0 ? process.argv[named + 1] : joined ? joined.slice("--state=".length) : ".stillwater") + "/plans/";
  try {
    return fs.readdirSync(plans).some(function (name) {
      return fs.statSync(plans + name).size > 1e6;
    });
  } catch (error) {
    return false;
  }
}

// What compilers need while they optimize stays with the process, up to 25 MB, and an old generation may double before it is swept: a third of the memory of a
// run that waits for a thousand others' work. A small cluster's run keeps its compilers: without them the restart of a node takes up to 80 ms longer.
function staySmall(v8) {
  ["--no-maglev", "--invocation-count-for-turbofan=100000", "--invocation-count-for-osr=20000", "--heap-growing-percent=30"].forEach(function (flag) {
    v8.setFlagsFromString(flag);
  });
}

// Halves the time to the first line. Only in a directory of this very user: code that somebody else could write would run with our rights
// (the default lies in the shared /tmp, and under sudo HOME may still be the caller's).
function rememberCompiledCode(fs, module) {
  try {
    var home = process.env.HOME;
    if (!home || fs.statSync(home).uid !== process.getuid()) return;
    module.enableCompileCache((process.env.XDG_CACHE_HOME || home + "/.cache") + "/stillwater/compiled");
  } catch (error) {
    // No home, or none that may be read: it only starts a little later.
  }
}
