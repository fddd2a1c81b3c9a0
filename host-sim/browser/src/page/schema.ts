// Walking the configuration's JSON Schema: which members a place may have, which values, and what they mean.

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  description?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema | true>;
  additionalProperties?: Schema | boolean;
  items?: Schema | true;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  required?: string[];
}

/** A place in a document: names of members and indices of elements, from the top. */
export type Path = (string | number)[];

export class Schemas {
  #root: Schema;

  constructor(root: Schema) {
    this.#root = root;
  }

  /** Every schema that may apply at a place. */
  at(path: Path): Schema[] {
    let here = this.#branches(this.#root);
    for (const part of path) {
      here = here.flatMap((schema) => {
        const next = typeof part === "number" ? schema.items : (schema.properties?.[part] ?? schema.additionalProperties);
        return typeof next === "object" ? this.#branches(next) : [];
      });
    }
    return here;
  }

  /** The members that an object at a place may have, with what they mean. */
  members(path: Path): Map<string, string> {
    const found = new Map<string, string>();
    for (const { properties = {} } of this.at(path)) {
      for (const [name, schema] of Object.entries(properties)) {
        found.set(name, schema === true ? "" : this.#description(schema));
      }
    }
    return found;
  }

  /** The values that a place may have, as JSON, where they can be listed. */
  values(path: Path): string[] {
    const all = this.at(path).flatMap((schema) => {
      if (schema.enum) return schema.enum;
      if (schema.const !== undefined) return [schema.const];
      return schema.type === "boolean" ? [true, false] : [];
    });
    return [...new Set(all.map((value) => JSON.stringify(value)))];
  }

  /** What a place is for. */
  describe(path: Path): string {
    const name = path.at(-1);
    const named = typeof name === "string" ? this.members(path.slice(0, -1)).get(name) : undefined;
    return named || (this.at(path).find(({ description }) => description)?.description ?? "");
  }

  #description(schema: Schema): string {
    return schema.description ?? this.#resolve(schema).description ?? "";
  }

  #resolve(schema: Schema): Schema {
    const name = schema.$ref?.replace("#/$defs/", "");
    return (name === undefined ? undefined : this.#root.$defs?.[name]) ?? schema;
  }

  #branches(schema: Schema): Schema[] {
    const here = this.#resolve(schema);
    const inner = [...(here.oneOf ?? []), ...(here.anyOf ?? []), ...(here.allOf ?? [])];
    return [here, ...inner.flatMap((branch) => this.#branches(branch))];
  }
}
