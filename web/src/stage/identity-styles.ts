/**
 * The looks of what is said of a side's identity key on its stage.
 *
 * @module
 */

import { css } from "lit";

export const identityStyles = css`
  :host {
    display: block;
    min-inline-size: 0;
    font-size: var(--text-small);
  }

  section,
  .within {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--gap-3);
  }

  section {
    margin-block-end: var(--gap-3);
  }

  .within,
  details vv-address {
    margin-block-start: var(--gap-3);
  }

  .within vv-address {
    margin-block-start: 0;
  }

  h2 {
    font-size: var(--text-body);
    font-weight: 600;
  }

  .soft {
    color: var(--ink-soft);
  }

  .says {
    padding-inline-start: var(--gap-3);
    border-inline-start: 3px solid var(--good);
    overflow-wrap: anywhere;
  }

  .says[data-lack] {
    border-color: var(--warn);
  }

  .says strong {
    color: var(--good);
  }

  .says[data-lack] strong {
    color: var(--warn);
  }

  .give {
    position: relative;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--gap-2);
    padding: var(--gap-3);
    border: 1px dashed var(--edge);
    border-radius: var(--round);
  }

  .give[data-over] {
    border-style: solid;
    background: var(--surface-high);
  }

  .refused {
    color: var(--bad);
  }

  summary {
    color: var(--ink-soft);
    cursor: pointer;
  }
`;
