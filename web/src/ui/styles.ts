/**
 * Styles that elements share: controls, focus, what is only heard, a page that is read, questions.
 *
 * @module
 */

import { css } from "lit";

/** Box model, focus, and the class `heard` for words that only a screen reader needs. */
export const basics = css`
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol,
  figure {
    margin: 0;
    padding: 0;
  }

  ul,
  ol {
    list-style: none;
  }

  a {
    color: inherit;
    text-underline-offset: 0.2em;
    text-decoration-thickness: 1px;
  }

  :focus {
    outline: none;
  }

  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
    border-radius: var(--round);
  }

  .heard {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** Buttons, fields, boxes to tick, and a file's field (`input.heard`, then its label as a button). */
export const controls = css`
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--gap-2);
    min-block-size: var(--target);
    padding-block: var(--gap-1);
    padding-inline: var(--gap-4);
    border: 1px solid var(--edge);
    border-radius: var(--round);
    background: transparent;
    color: var(--ink);
    font: inherit;
    line-height: 1.25;
    text-decoration: none;
    cursor: pointer;
  }

  button:hover,
  .button:hover {
    background: var(--surface-high);
  }

  button.main {
    border-color: var(--button);
    background: var(--button);
    color: var(--button-ink);
    font-weight: 600;
  }

  button.main:hover {
    background: color-mix(in srgb, var(--button) 88%, var(--ground));
  }

  button:disabled,
  button[aria-disabled="true"] {
    border-color: var(--hairline);
    background: transparent;
    color: var(--ink-soft);
    font-weight: 400;
    cursor: default;
  }

  button.plain {
    min-block-size: 1.5rem;
    padding: 0;
    border: 0;
    background: none;
    text-align: start;
    text-decoration: underline dotted;
    text-decoration-thickness: 1px;
    text-underline-offset: 0.25em;
  }

  kbd {
    min-inline-size: 1.4em;
    padding-inline: 0.3em;
    border: 1px solid currentcolor;
    border-radius: 0.2rem;
    font: inherit;
    font-size: 0.75em;
    font-weight: 400;
    line-height: 1.4;
    text-align: center;
    opacity: 0.85;
  }

  label {
    display: block;
    color: var(--ink-soft);
    font-size: var(--text-small);
  }

  input:not([type="checkbox"]),
  select {
    display: block;
    inline-size: 100%;
    min-block-size: var(--target);
    padding-inline: var(--gap-3);
    border: 1px solid var(--edge);
    border-radius: var(--round);
    background: var(--surface);
    color: var(--ink);
    font: inherit;
    text-overflow: ellipsis;
  }

  /* A browser writes on a file's field in its own language, not in the page's. */
  input[type="file"].heard {
    inline-size: 1px;
    min-block-size: 0;
    block-size: 1px;
    padding: 0;
    border: 0;
  }

  input[type="file"]:focus-visible + .button {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
  }

  label.button {
    display: inline-flex;
    justify-self: start;
    color: var(--ink);
  }

  .tick {
    display: flex;
    align-items: center;
    gap: var(--gap-2);
    min-block-size: 2rem;
    color: var(--ink);
    cursor: pointer;
  }

  .tick input {
    inline-size: 1.125rem;
    block-size: 1.125rem;
    margin: 0;
    accent-color: var(--button);
  }

  @media (pointer: coarse), (max-width: 30rem) {
    kbd {
      display: none;
    }
  }
`;

/** A page that is read from top to bottom: one column, with the product's name and the languages at its head. */
export const sheet = css`
  :host {
    display: block;
    max-inline-size: 42rem;
    margin-inline: auto;
    padding-block: var(--gap-4) var(--gap-12);
    padding-inline: var(--gap-4);
  }

  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    margin-block-end: var(--gap-8);
  }

  header strong {
    font-weight: 600;
    letter-spacing: 0.01em;
  }
`;

/** A question that has to be answered first: its words, then `.buttons`. */
export const questions = css`
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
    line-height: 1.3;
    overflow-wrap: anywhere;
  }

  dialog .buttons {
    display: flex;
    flex-wrap: wrap;
    justify-content: start;
    gap: var(--gap-3);
    margin-block-start: var(--gap-6);
  }
`;
