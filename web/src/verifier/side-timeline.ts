/**
 * A side's time as a bar: what is proven, what is missing, what is false; told by patterns and words as by colours.
 *
 * @module
 */

import { css, html, nothing, svg } from "lit";
import { t } from "../i18n";
import { clockText, type Judged, nameOf, sidesOf } from "../record/verdicts";
import { define, PageElement } from "../ui/element";
import { basics } from "../ui/styles";
import { type State, timelineOf } from "./timeline";

const STATES: readonly State[] = ["proven", "late", "gap", "unproven", "broken", "none"];

const bars = css`
  .ground {
    fill: var(--surface);
  }

  .proven {
    fill: var(--good);
  }

  .broken {
    fill: var(--bad);
  }

  .late,
  .unproven {
    fill: var(--surface-high);
  }

  .line {
    fill: none;
    stroke-width: 2;
  }

  .line.broken {
    stroke: var(--surface);
  }

  .line.late {
    stroke: var(--warn);
  }

  .line.unproven {
    stroke: var(--ink-soft);
  }

  .line.gap {
    stroke: var(--warn);
    stroke-width: 3;
  }
`;

/** Fills for the states; the colours are the page's. */
function patterns() {
  const pattern = (state: State, size: number, content: unknown) => svg`<pattern
      id="fill-${state}" width=${size} height=${size} patternUnits="userSpaceOnUse">${content}</pattern>`;
  const ground = (state: State) => svg`<rect width="12" height="12" class=${state} />`;
  const lines = (state: State, path: string) => svg`<path d=${path} class="line ${state}" />`;
  return svg`<defs>
    ${pattern("broken", 8, svg`${ground("broken")}${lines("broken", "M0 0 8 8M8 0 0 8")}`)}
    ${pattern("late", 6, svg`${ground("late")}${lines("late", "M2 0V6")}`)}
    ${pattern("unproven", 6, svg`${ground("unproven")}${lines("unproven", "M0 2H6")}`)}
    ${pattern("gap", 10, svg`<rect width="10" height="10" class="ground" />${lines("gap", "M4 5H7")}`)}
  </defs>`;
}

function fill(state: State): string {
  return state === "proven" || state === "none" ? "" : `url(#fill-${state})`;
}

/** `<vv-side-timeline>`: give it `judged` and the `side`. */
export class SideTimeline extends PageElement {
  static override properties = { judged: { attribute: false }, side: { attribute: false } };

  judged: Judged | null = null;
  side = "";

  static override styles = [
    basics,
    bars,
    css`
      :host {
        display: block;
        margin-block-start: var(--gap-4);
      }

      p {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: var(--gap-1) var(--gap-4);
      }

      strong {
        overflow-wrap: anywhere;
      }

      .soft {
        color: var(--ink-soft);
        font-size: var(--text-small);
      }

      svg {
        display: block;
        inline-size: 100%;
        block-size: 2.25rem;
        margin-block: var(--gap-1);
        border: 1px solid var(--edge);
        border-radius: var(--round);
        background: var(--surface);
      }
    `,
  ];

  override render() {
    const { judged, side } = this;
    if (!judged) return nothing;
    const { seconds } = judged;
    const name = nameOf(judged, side);
    const runs = judged.sides.filter((one) => one.side === side);
    const proven = runs.reduce((sum, one) => sum + one.provenSeconds, 0);
    const said = t("verify.proven", { proven: clockText(proven), total: clockText(seconds) });
    const segments = timelineOf(judged, side).filter(({ state }) => state !== "none");
    const by = runs.some((one) => one.by === "identity") ? "identity" : runs[0]?.by;
    return html`<p>
        <strong><bdi>${name}</bdi></strong>
        <span class="soft">${t(`verify.by_${by ?? "nobody"}`)}</span>
      </p>
      <svg role="img" aria-label="${name}: ${said}" direction="ltr">
        ${patterns()}
        ${segments.map(
          ({ from, until, state }) =>
            svg`<rect x="${(100 * from) / seconds}%" width="${(100 * (until - from)) / seconds}%" height="100%"
              class=${state === "proven" ? state : nothing} fill=${fill(state) || nothing} data-state=${state} />`,
        )}
      </svg>
      <p class="soft" dir="ltr">
        <span aria-hidden="true">${clockText(0)}</span>
        <span dir="auto">${said}</span>
        <span aria-hidden="true">${clockText(seconds)}</span>
      </p>`;
  }
}

/** `<vv-side-legend>`: what the fills of this record mean. */
export class SideLegend extends PageElement {
  static override properties = { judged: { attribute: false } };

  judged: Judged | null = null;

  static override styles = [
    basics,
    bars,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: var(--gap-2) var(--gap-6);
        margin-block-start: var(--gap-3);
        font-size: var(--text-small);
      }

      li {
        display: flex;
        align-items: center;
        gap: var(--gap-2);
      }

      svg {
        flex: none;
        inline-size: 2rem;
        block-size: 1rem;
        border: 1px solid var(--edge);
        background: var(--surface);
      }
    `,
  ];

  override render() {
    const { judged } = this;
    if (!judged) return nothing;
    const there = new Set(
      sidesOf(judged).flatMap((side) => timelineOf(judged, side).map(({ state }) => state)),
    );
    return html`<ul>
      ${STATES.filter((state) => there.has(state)).map(
        (state) => html`<li>
          <svg aria-hidden="true">
            ${patterns()}
            ${
              state === "none"
                ? nothing
                : svg`<rect width="100%" height="100%" class=${state === "proven" ? state : nothing}
                  fill=${fill(state) || nothing} />`
            }
          </svg>
          ${t(`verify.state_${state}`)}
        </li>`,
      )}
    </ul>`;
  }
}

define("vv-side-timeline", SideTimeline);
define("vv-side-legend", SideLegend);
