/**
 * CRC-32 as zlib has it (ISO 3309, reflected 0xEDB88320), four bytes at a time: every byte of a record goes through it.
 *
 * @module
 */

const TABLES = [0, 1, 2, 3].map(() => new Uint32Array(256)) as [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  TABLES[0][byte] = crc;
}
for (let table = 1; table < 4; table++)
  for (let byte = 0; byte < 256; byte++) {
    const before = TABLES[table - 1]?.[byte] as number;
    (TABLES[table] as Uint32Array)[byte] = (before >>> 8) ^ (TABLES[0][before & 255] as number);
  }

/** Of `bytes`, after what `before` is the CRC of. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [one, two, three, four] = TABLES;
  const end = bytes.length;
  const whole = end - (end % 4);
  let crc = ~before;
  let at = 0;
  while (at < whole) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (four[crc & 255] as number) ^
      (three[(crc >>> 8) & 255] as number) ^
      (two[(crc >>> 16) & 255] as number) ^
      (one[crc >>> 24] as number);
    at += 4;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ (one[(crc ^ (bytes[at] as number)) & 255] as number);
  return ~crc >>> 0;
}
