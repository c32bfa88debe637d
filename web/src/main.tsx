import { render } from "preact";
import { App } from "./app.tsx";
import { startTheme } from "./state/preferences.ts";
import { startRoute } from "./state/route.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/forms.css";
import "./styles/shell.css";
import "./styles/calls.css";
import "./styles/drop.css";
import "./styles/worklist.css";

// A file that is dropped where nothing takes it would make the browser leave the page for it.
for (const kind of ["dragover", "drop"] as const) {
  addEventListener(kind, (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
}

startTheme();
startRoute();
const place = document.getElementById("app");
if (place !== null) render(<App />, place);
