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

  dialog {
    max-inline-size: min(30rem, 100vi - 2rem);
    padding: var(--gap-6);
    border: 1px solid var(--hairline);
    border-radius: var(--round);
    background: var(--surface);
    color: var(--ink);
    text-align: start;
  }

  dialog::backdrop {
    background: rgb(0 0 0 / 60%);
  }

  dialog h2 {
    margin-block-end: var(--gap-3);
    font-size: var(--text-name);
  }

  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: var(--gap-3);
    margin-block-start: var(--gap-6);
  }
`;
