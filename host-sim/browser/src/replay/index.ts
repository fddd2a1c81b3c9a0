// A replay file played in a JavaScript engine.

export { answerTo, type Line, LineError, readAnswer, readLine, soon } from "./line.ts";
export { Player, settle } from "./player.ts";
export { members } from "./raw.ts";
