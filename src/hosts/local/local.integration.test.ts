import { hostConformance } from "../conformance.ts";
import { localFixture } from "../testing/local-fixture.ts";

hostConformance("local", () => localFixture(null));
