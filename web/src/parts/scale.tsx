// The probability on its scale: three zones, both operating points, and where this study lies.

import { probability as number } from "../logic/numbers.ts";
import { labels, zones } from "../logic/scale.ts";
import { t } from "../texts/index.ts";

const WIDTH = 320;
const LABEL = 0.26; // width of a label, in parts of the scale

export function Scale({
  probability,
  doubt,
  definite,
}: {
  probability: number | null;
  doubt: number;
  definite: number;
}) {
  const [first, second] = labels(doubt, definite, LABEL);
  const at = (value: number) => 8 + value * WIDTH;
  const name =
    probability === null
      ? t.verdict.noScale(number(doubt), number(definite))
      : t.verdict.scale(number(probability), number(doubt), number(definite));
  return (
    <svg class="scale" viewBox={`0 0 ${WIDTH + 16} 56`} role="img" aria-label={name}>
      {zones(doubt, definite).map(({ call, from, to }) => (
        <rect
          key={call}
          class={probability === null ? "zone-off" : `zone call-${call.replace(" ", "-")}`}
          x={at(from)}
          y={18}
          width={(to - from) * WIDTH}
          height={9}
        />
      ))}
      {[doubt, definite].map((point) => (
        <rect key={point} class="point" x={at(point) - 1} y={15} width={2} height={16} />
      ))}
      <text x={at(first + LABEL)} y={46} text-anchor="end" class="point-label">
        {doubt - LABEL > 0 ? `${t.verdict.doubt} ${number(doubt)}` : ""}
      </text>
      <text x={at(first)} y={46} class="point-label">
        {doubt - LABEL > 0 ? "" : `${t.verdict.doubt} ${number(doubt)}`}
      </text>
      <text x={at(second)} y={46} class="point-label">{`${t.verdict.definite} ${number(definite)}`}</text>
      {probability !== null && <path class="pointer" d={`M${at(probability) - 6} 3h12l-6 11z`} />}
    </svg>
  );
}
