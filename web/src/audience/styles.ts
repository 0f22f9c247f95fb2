/**
 * The audience page's layout: halves side by side where it is wide, one above the other where it is tall.
 *
 * @module
 */

import { css } from "lit";

export const audienceStyles = css`
  :host {
    display: grid;
    grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr);
    block-size: 100dvb;
    overflow: hidden;
  }

  .loading {
    display: grid;
    grid-row: 1 / -1;
    place-content: center;
    color: var(--ink-soft);
  }

  vv-problem,
  vv-lacks {
    grid-row: 1 / -1;
    overflow: auto;
  }

  header {
    grid-row: 1;
    padding-block: var(--gap-3) var(--gap-2);
    padding-inline: var(--gap-4);
    text-align: center;
  }

  h1 {
    overflow: hidden;
    font-size: var(--text-body);
    font-weight: 400;
    line-height: 1.4;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  main {
    grid-row: 2;
    container-type: size;
    min-inline-size: 0;
  }

  /* The words under a picture and the captions' place: what the pictures leave. */
  .halves {
    --words: 6.5rem;
    --captions: 4.5rem;
    --between: 8.5rem;
    --edge-space: var(--gap-4);
    --picture-block: min(
      100cqb - var(--words) - var(--captions) - 2 * var(--gap-3),
      (50cqi - var(--between) / 2 - var(--edge-space)) / var(--ratio)
    );
    --picture-inline: calc(var(--picture-block) * var(--ratio));

    display: grid;
    grid-template-columns: minmax(0, 1fr) var(--between) minmax(0, 1fr);
    grid-template-rows: var(--picture-block) minmax(var(--words), auto) var(--captions);
    align-content: center;
    block-size: 100%;
    padding-inline: var(--edge-space);
  }

  vv-between {
    grid-row: span 3;
    padding-inline: var(--gap-3);
  }

  footer {
    grid-row: 3;
    padding-block: var(--gap-2) var(--gap-3);
    padding-inline: var(--gap-4);
    text-align: center;
  }

  footer p {
    margin-block-end: var(--gap-2);
    color: var(--warn);
  }

  @media (max-height: 30rem) and (orientation: landscape) {
    header {
      position: absolute;
      inline-size: 1px;
      padding: 0;
      overflow: hidden;
      clip-path: inset(50%);
    }

    .halves {
      --words: 4.25rem;
      --captions: 2rem;
      --between: 6.5rem;
      --edge-space: var(--gap-2);
    }

    footer {
      padding-block: 0 var(--gap-1);
    }
  }

  @media (max-width: 48rem) and (orientation: landscape) {
    .halves {
      --between: 6.5rem;
      --edge-space: var(--gap-2);
    }
  }

  @media (orientation: portrait) {
    .halves {
      --words: 6.75rem;
      --captions: 3rem;
      --between: 2.25rem;
      --edge-space: 0px;
      --picture-block: min(
        (100cqb - 2 * (var(--words) + var(--captions)) - var(--between)) / 2,
        100cqi / var(--ratio)
      );

      grid-template-columns: minmax(0, 1fr);
      grid-template-rows:
        var(--picture-block) minmax(var(--words), auto) var(--captions)
        var(--between)
        var(--picture-block) minmax(var(--words), auto) var(--captions);
    }

    vv-side {
      --words-edge: var(--gap-3);
    }

    vv-between {
      grid-row: span 1;
      padding-inline: 0;
    }
  }
`;
