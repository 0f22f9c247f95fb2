/**
 * How the page that verifies looks: on paper, calm, one thing below the other.
 *
 * @module
 */

import { css } from "lit";

export const page = css`
  :host {
    max-inline-size: 48rem;
  }

  h1 {
    margin-block-end: var(--gap-3);
    font-size: var(--text-state);
    font-weight: 600;
    line-height: 1.25;
  }

  .what {
    font-size: 1.125rem;
    text-wrap: pretty;
  }

  .soft {
    margin-block-start: var(--gap-2);
    color: var(--ink-soft);
  }

  .drop {
    display: grid;
    justify-items: center;
    gap: var(--gap-4);
    margin-block-start: var(--gap-6);
    padding: var(--gap-8) var(--gap-4);
    border: 2px dashed var(--edge);
    border-radius: var(--round);
    background: var(--surface);
    text-align: center;
  }

  .drop[data-over] {
    border-style: solid;
    border-color: var(--focus);
    background: var(--surface-high);
  }

  .drop > p {
    font-size: 1.125rem;
    font-weight: 600;
  }

  .buttons {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: var(--gap-3);
  }

  .reading {
    margin-block-start: var(--gap-6);
  }

  .reading p {
    overflow-wrap: anywhere;
  }

  progress {
    inline-size: 100%;
    block-size: 0.75rem;
    margin-block: var(--gap-2);
    accent-color: var(--focus);
  }

  .bytes {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: var(--gap-4);
    color: var(--ink-soft);
  }

  .problem {
    margin-block-start: var(--gap-6);
    padding: var(--gap-2) var(--gap-4);
    border-inline-start: 3px solid var(--bad);
    overflow-wrap: anywhere;
  }

  .problem:focus {
    outline: none;
  }

  .problem strong {
    color: var(--bad);
  }

  code {
    font-family: var(--font-code);
    font-size: 0.9375em;
  }

  footer {
    display: grid;
    gap: var(--gap-2);
    margin-block-start: var(--gap-12);
    padding-block-start: var(--gap-4);
    border-block-start: 1px solid var(--hairline);
    color: var(--ink-soft);
    font-size: var(--text-small);
  }

  @media print {
    .drop,
    header,
    footer {
      display: none;
    }
  }
`;

export const judged = css`
  :host {
    display: block;
    margin-block-start: var(--gap-8);
    padding-block-start: var(--gap-6);
    border-block-start: 1px solid var(--hairline);
  }

  h2 {
    font-size: var(--text-state);
    font-weight: 600;
    line-height: 1.25;
    text-wrap: balance;
  }

  h2:focus {
    outline: none;
  }

  .sign {
    font-weight: 700;
  }

  [data-kind="holds"] h2,
  [data-kind="last"] h2 {
    color: var(--good);
  }

  [data-kind="gaps"] h2 {
    color: var(--warn);
  }

  [data-kind="broken"] h2 {
    color: var(--bad);
  }

  h3 {
    margin-block-start: var(--gap-8);
    font-size: var(--text-name);
    font-weight: 600;
  }

  .means {
    margin-block-start: var(--gap-2);
    font-size: 1.0625rem;
    text-wrap: pretty;
  }

  .about {
    display: flex;
    flex-wrap: wrap;
    gap: var(--gap-1) var(--gap-4);
    margin-block-start: var(--gap-3);
    color: var(--ink-soft);
    overflow-wrap: anywhere;
  }

  .findings,
  .plain {
    display: grid;
    gap: var(--gap-3);
    margin-block-start: var(--gap-3);
  }

  .findings li {
    display: flex;
    flex-wrap: wrap;
    gap: 0 var(--gap-4);
    padding-inline-start: var(--gap-3);
    border-inline-start: 3px solid var(--edge);
  }

  .findings li > :last-child {
    flex: 1 1 20rem;
    overflow-wrap: anywhere;
  }

  .when {
    white-space: nowrap;
  }

  .findings strong {
    display: inline-block;
  }

  .findings strong::first-letter {
    text-transform: uppercase;
  }

  [data-judgement="broken"] {
    border-color: var(--bad) !important;
  }

  [data-judgement="broken"] strong {
    color: var(--bad);
  }

  [data-judgement="gap"] strong,
  [data-judgement="late"] strong {
    color: var(--warn);
  }

  .plain li {
    padding-inline-start: var(--gap-3);
    border-inline-start: 1px solid var(--hairline);
  }

  .soft {
    color: var(--ink-soft);
    font-size: var(--text-small);
  }

  code {
    font-family: var(--font-code);
    font-size: 0.875em;
  }

  .hash {
    overflow-wrap: anywhere;
  }

  details {
    margin-block-start: var(--gap-8);
  }

  summary {
    min-block-size: 2rem;
    font-weight: 600;
    cursor: pointer;
  }

  dl {
    display: grid;
    gap: var(--gap-1);
    margin-block-start: var(--gap-3);
  }

  dt {
    margin-block-start: var(--gap-2);
    color: var(--ink-soft);
    font-size: var(--text-small);
    overflow-wrap: anywhere;
  }

  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: var(--gap-3);
    margin-block: var(--gap-4);
  }

  pre {
    max-block-size: 20rem;
    margin: 0;
    padding: var(--gap-3);
    overflow: auto;
    border: 1px solid var(--hairline);
    background: var(--surface);
    font: var(--text-small) / 1.4 var(--font-code);
  }
`;
