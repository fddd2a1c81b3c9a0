// Building elements. Everything that a person or a token says becomes text, never markup.

type Child = Node | string | number | null | undefined | false;
type Props = Record<string, string | number | boolean | ((event: Event) => void) | undefined>;

/** Makes an element; `on…` are listeners, true and false set and leave out an attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== null && child !== undefined && child !== false) element.append(printable(child));
  return element;
}

function printable(child: Node | string | number): Node | string {
  return child instanceof Node ? child : visible(String(child));
}

/** The most that is shown of one text, in UTF-16 units. */
const SHOWN = 2000;

/** A text with control and direction characters spelled out, cut where it is very long. */
export function visible(text: string): string {
  const cut = text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text;
  return cut.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** A finding of the module as a sentence: without the colon that ends an empty path. */
export function finding(text: string): string {
  return text.replace(/^: /, "");
}

export function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`there is no #${id}`);
  return element as T;
}

const drawn = new WeakMap<Element, string>();

/** Draws into an element again only where what it shows has changed, so that focus and selection stay. */
export function draw(element: Element, data: unknown, children: () => Child[]): void {
  const key = JSON.stringify(data);
  if (drawn.get(element) === key) return;
  drawn.set(element, key);
  element.replaceChildren(...children().filter((child) => child !== null && child !== undefined && child !== false).map((child) => printable(child as Node | string | number)));
}

/** A button that copies a text. */
export function copyButton(text: string, label: string): HTMLButtonElement {
  const button = h("button", { type: "button", class: "quiet", "aria-label": label }, "Copy");
  button.addEventListener("click", () => void copy(text, button));
  return button;
}

/** Copies a text and says so on the button. */
export async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { class: "offscreen" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = label), 1200);
}
