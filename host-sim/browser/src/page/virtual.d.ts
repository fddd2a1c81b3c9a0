// What the build puts into the page.

/** The module, gzipped, in Z85. */
declare module "virtual:module" {
  const module: string;
  export default module;
}
/** A `Cargo` as JSON, gzipped, in Z85. */
declare module "virtual:cargo" {
  const cargo: string;
  export default cargo;
}
/** The module's SHA-256, in hexadecimal digits. */
declare module "virtual:digest" {
  const digest: string;
  export default digest;
}
