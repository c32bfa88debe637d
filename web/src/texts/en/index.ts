// Every word that the page shows, in English: a file for each room of the page. A translation is a folder like this one, of
// the type `Texts`.

import { common } from "./common.ts";
import { entry } from "./entry.ts";
import { help } from "./help.ts";
import { result } from "./result.ts";
import { settings } from "./settings.ts";
import { traffic } from "./traffic.ts";
import { upload } from "./upload.ts";
import { viewer } from "./viewer.ts";
import { worklist } from "./worklist.ts";

export const en = {
  ...common,
  ...entry,
  ...upload,
  ...worklist,
  ...viewer,
  ...result,
  ...settings,
  ...traffic,
  ...help,
};

export type Texts = typeof en;
