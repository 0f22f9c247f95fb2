/**
 * The page that the host serves in place of one that it cannot: code, message, remedy.
 *
 * @module
 */

import { html } from "lit";
import { define, PageElement } from "./element";
import "./problem";

/** `<vv-error>`: reads what the host wrote into the head; without that, the page is unknown. */
export class ErrorPage extends PageElement {
  override render() {
    return html`<vv-problem
        code=${written("error") || "page.unknown"}
        message=${written("message")}
        remedy=${written("remedy")}
      ></vv-problem>`;
  }
}

function written(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="vivavoce-${name}"]`)?.content ?? "";
}

define("vv-error", ErrorPage);
