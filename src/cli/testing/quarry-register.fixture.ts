import { registerSystem } from "../../usecases/registry.ts";
import { quarryModule } from "./quarry.fixture.ts";

registerSystem("quarry", { title: quarryModule.title, load: () => Promise.resolve(quarryModule) });
