// node --import ./src/cli/testing/quarry-register.fixture.ts bin/stillwater.mjs ...
import { registerQuarry } from "./quarry.fixture.ts";

registerQuarry();
