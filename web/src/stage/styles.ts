/**
 * The stage's layout: the other side at the top, where the camera is; the state under it; the rest aside.
 *
 * @module
 */

import { css } from "lit";

export const roomStyles = css`
  :host {
    display: grid;
    grid-template: auto minmax(0, 1fr) / minmax(0, 1fr);
    min-block-size: 100dvb;
  }

  header {
    display: flex;
    align-items: baseline;
    gap: var(--gap-4);
    padding-block: var(--gap-1);
    padding-inline: var(--gap-4);
    color: var(--ink-soft);
    font-size: var(--text-small);
  }

  header h1,
  header p {
    min-inline-size: 0;
    overflow: hidden;
    font-size: inherit;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  header h1 {
    flex: 0 1 auto;
    color: var(--ink);
    font-weight: 600;
  }

  header p {
    flex: 1 2 0;
  }

  main {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-content: start;
    gap: var(--gap-6);
    padding-block-end: var(--gap-6);
  }

  .others {
    --picture-block: min(56.25vi, 62dvb);
    --picture-inline: calc(var(--picture-block) * 16 / 9);

    display: grid;
    grid-template-rows: var(--picture-block) auto auto;
    min-inline-size: 0;
  }

  vv-side {
    --words-edge: var(--gap-4);
  }

  vv-air {
    align-content: center;
    padding-inline: var(--gap-4);
  }

  aside {
    display: grid;
    align-content: start;
    gap: var(--gap-6);
    min-inline-size: 0;
    padding-inline: var(--gap-4);
  }

  .rest {
    display: grid;
    align-content: start;
    gap: var(--gap-6);
    min-inline-size: 0;
  }

  .note {
    margin-block-start: var(--gap-2);
    color: var(--warn);
    font-size: var(--text-small);
  }

  @media (min-width: 48rem) and (max-width: 63.99rem) {
    aside {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
  }

  @media (min-width: 64rem) {
    :host {
      block-size: 100dvb;
    }

    main {
      align-content: stretch;
      grid-template-columns: minmax(0, 1fr) 19rem;
      grid-template-rows: minmax(0, 1fr) auto;
      gap: 0;
      min-block-size: 0;
      padding-block-end: 0;
    }

    .others {
      --picture-block: min(100cqb - 4.5rem, 100cqi * 9 / 16);

      container-type: size;
      grid-template-rows: minmax(0, 1fr);
    }

    vv-side {
      --words-edge: 0;

      grid-row: auto;
      grid-template-rows: var(--picture-block) auto auto;
      align-content: start;
      block-size: 100%;
      padding-inline: var(--gap-4);
    }

    vv-air {
      min-block-size: 10.5rem;
      padding-block: var(--gap-4);
    }

    aside {
      grid-column: 2;
      grid-row: 1 / span 2;
      overflow: auto;
      padding-block: 0 var(--gap-4);
    }
  }
`;
