// Reads the build's Z85: five characters for four bytes, after a character that tells how many bytes of the end are padding.

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

export function decode(text: string): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(128);
  for (let value = 0; value < ALPHABET.length; value++) values[ALPHABET.charCodeAt(value)] = value;
  const view = new DataView(new ArrayBuffer(((text.length - 1) / 5) * 4));
  for (let from = 1, to = 0; from < text.length; from += 5, to += 4) {
    let word = 0;
    for (let index = 0; index < 5; index++) word = word * 85 + values[text.charCodeAt(from + index)]!;
    view.setUint32(to, word);
  }
  return new Uint8Array(view.buffer, 0, view.byteLength - Number(text[0]));
}
