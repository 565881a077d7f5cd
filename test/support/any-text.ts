import fc from 'fast-check';

const printable = fc.integer({ min: 0x20, max: 0x7e });
const codeUnit = fc.integer({ min: 0, max: 0xffff });
const odd = fc.constantFrom(
  0,
  9,
  10,
  13,
  0x1b,
  0x7f,
  0x85,
  0xa0,
  0x200b,
  0x200d,
  0x2028,
  0x202e,
  0xfeff,
  0xd83d,
  0xdd25,
  0xdc00,
);

/** Any text at all, unpaired surrogates, controls and directional marks included; half of it is printable ASCII. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { arbitrary: printable, weight: 4 },
    { arbitrary: codeUnit, weight: 2 },
    { arbitrary: odd, weight: 2 },
  );
  return fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
}
