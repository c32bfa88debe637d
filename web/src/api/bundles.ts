// The bundles that read here, and their model cards.

import { fetchAs, send } from "./http.ts";

export const fetchBundles = () => send("get", "/api/v1/bundles");

/** The model card as HTML that the server has made from Markdown, without any markup of the card's own. */
export async function fetchCard(name: string): Promise<string> {
  return (await fetchAs("text/html", "get", "/api/v1/bundles/{name}/card", { path: { name } })).text();
}
