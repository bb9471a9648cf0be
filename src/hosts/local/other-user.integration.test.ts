import { hostConformance } from "../conformance.ts";
import { localFixture } from "../testing/local-fixture.ts";

hostConformance("local, as another user", () => localFixture("nobody"), { runs: 5, parts: ["commands", "files"] });
