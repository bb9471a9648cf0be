import { describe, expect, it } from "vitest";
import { releaseIn } from "./installed.ts";

describe("the release that a binary carries", () => {
  it("is the one that stands there as version() says it, whatever libraries are linked into it", () => {
    expect(releaseIn("OpenSSL 1.0.2\n\0 2.00.8.12 2023.01.10\n 3.00.1\n")).toBe("2.00.8.12");
  });
  it("is the only one, with its build and without its flavour", () => {
    expect(releaseIn("#!dolphindb 2.00.8.12_JIT\n")).toBe("2.00.8.12");
    expect(releaseIn(" 3.00.0\n")).toBe("3.00.0");
  });
  it("is not known where there is none, or more than one", () => {
    expect(releaseIn("1.2.13\n12.00.1.1.1\n")).toBeNull();
    expect(releaseIn(" 2.00.8.12\n 2.00.9.1\n")).toBeNull();
  });
});
