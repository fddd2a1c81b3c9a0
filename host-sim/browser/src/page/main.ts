// The page.

import packedCargo from "virtual:cargo";
import packedModule from "virtual:module";
import builtDigest from "virtual:digest";

import type { Result, Session } from "../engine/session.ts";
import { Engine } from "./client.ts";
import { byId, copy, h } from "./dom.ts";
import { type Example, sessionOf } from "./gallery.ts";
import { Inputs } from "./inputs.ts";
import { fromReplay, toReplay } from "./replay-file.ts";
import { type Schema, Schemas } from "./schema.ts";
import { fromFragment, toFragment, withoutLive } from "./share.ts";
import { show, showProblem } from "./views.ts";
import { decode } from "./z85.ts";

const present = () => Math.floor(Date.now() / 1000);
/** How long the page waits for the next keystroke, in milliseconds. */
const PAUSE = 25;

/** What the page carries beside the module. */
interface Cargo {
  gallery: Example[];
  schema: Schema;
  /** The worker's script. */
  worker: string;
}

async function start(): Promise<void> {
  const bytes = await unpacked(packedModule);
  const { gallery, schema, worker } = JSON.parse(new TextDecoder().decode(await unpacked(packedCargo))) as Cargo;
  byId("digest").textContent = await digest(bytes);
  let evaluations = 0;
  let latest: { session: Session; result: Result } | null = null;
  const engine = new Engine(worker, bytes, (session, result) => {
    if ("problem" in result) {
      showProblem(result.problem);
    } else {
      latest = { session, result };
      show(session, result);
      inputs.show(result);
    }
    evaluations += 1;
    document.documentElement.dataset["evaluated"] = String(evaluations);
  });
  let matrix = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => engine.evaluate(inputs.session, matrix), PAUSE);
  };
  const shared = await fromFragment(location.hash);
  const inputs = new Inputs(shared ?? sessionOf(gallery[0]!, present()), new Schemas(schema), () => changed());
  addEventListener("hashchange", async () => {
    const session = await fromFragment(location.hash);
    if (session) inputs.load(session);
  });
  tabs((name) => {
    matrix = name === "matrix";
    engine.evaluate(inputs.session, matrix);
  });
  dialogs();
  examples(gallery, (example) => inputs.load(sessionOf(example, present())));
  share(() => inputs.session);
  files(() => latest, (session) => inputs.load(session));
  print();
}

async function unpacked(packed: string): Promise<ArrayBuffer> {
  return new Response(new Blob([decode(packed)]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function digest(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex === builtDigest ? hex : `${hex}, which is not what the page was built with, ${builtDigest}`;
}

function tabs(chosen: (name: string) => void): void {
  const all = [...document.querySelectorAll<HTMLButtonElement>('[role="tab"]')];
  const choose = (tab: HTMLButtonElement) => {
    for (const other of all) {
      const current = other === tab;
      other.setAttribute("aria-selected", String(current));
      other.tabIndex = current ? 0 : -1;
      byId(other.getAttribute("aria-controls")!).hidden = !current;
    }
    chosen(tab.getAttribute("aria-controls")!);
  };
  all.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
      const next = all[(index + step + all.length) % all.length]!;
      if (step !== 0) {
        next.focus();
        choose(next);
      }
    });
  });
}

function dialogs(): void {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close")!.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
}

function examples(gallery: Example[], chosen: (example: Example) => void): void {
  const dialog = byId<HTMLDialogElement>("examples");
  const pages = [...new Set(gallery.map(({ page }) => page))];
  byId("gallery").replaceChildren(...pages.flatMap((page) => [
    h("h3", {}, page),
    h("ul", {}, ...gallery.filter((example) => example.page === page).map((example) =>
      h("li", {}, h("button", { type: "button", onclick: () => { dialog.close(); chosen(example); } }, example.title)))),
  ]));
  byId("open-examples").addEventListener("click", () => dialog.showModal());
}

function share(session: () => Session): void {
  const dialog = byId<HTMLDialogElement>("share");
  const alive = byId<HTMLInputElement>("share-alive");
  const link = byId<HTMLTextAreaElement>("share-link");
  const write = async () => {
    const { session: safe, found } = withoutLive(session(), present());
    byId("share-alive-row").hidden = !found;
    const fragment = await toFragment(alive.checked ? session() : safe);
    link.value = location.href.replace(/#.*$/s, "") + fragment;
  };
  byId("open-share").addEventListener("click", async () => {
    alive.checked = false;
    await write();
    dialog.showModal();
  });
  alive.addEventListener("change", () => void write());
  byId("share-copy").addEventListener("click", ({ currentTarget }) => void copy(link.value, currentTarget as HTMLButtonElement));
}

function files(latest: () => { session: Session; result: Result } | null, load: (session: Session) => void): void {
  const dialog = byId<HTMLDialogElement>("files");
  const box = byId<HTMLTextAreaElement>("replay");
  const read = (text: string) => {
    try {
      load(fromReplay(text, present()));
      byId("replay-problem").textContent = "";
      dialog.close();
    } catch (error) {
      byId("replay-problem").textContent = error instanceof Error ? error.message : String(error);
    }
  };
  byId("open-files").addEventListener("click", () => {
    const now = latest();
    box.value = now ? toReplay(now.session, now.result) : "";
    byId("replay-problem").textContent = "";
    dialog.showModal();
  });
  byId("replay-save").addEventListener("click", () => {
    const url = URL.createObjectURL(new Blob([`${box.value}\n`], { type: "application/jsonl" }));
    h("a", { href: url, download: "session.jsonl" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
  byId("replay-load").addEventListener("click", () => read(box.value));
  byId<HTMLInputElement>("replay-file").addEventListener("change", async ({ currentTarget }) => {
    const field = currentTarget as HTMLInputElement;
    const file = field.files?.[0];
    if (file) read(await file.text());
    field.value = "";
  });
}

/** Details are printed open. */
function print(): void {
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((details) => (details.open = true)));
}

start().catch((error: unknown) => showProblem(error instanceof Error ? error.message : String(error)));
