// How images come in, and what became of each file.

import { count } from "./common.ts";

export const upload = {
  drop: {
    title: "Drop images here",
    choose: "Choose files",
    folder: "Choose a folder",
    photo: "Take a photo",
    add: "Add images",
    kinds: "JPEG, PNG, TIFF or DICOM. Any number of files or folders.",
    steps: [
      { title: "You add images", text: "They are sent to this server and nowhere else." },
      { title: "The network reads them", text: "On an ordinary computer this takes seconds." },
      {
        title: "You see the result",
        text: "A call, a probability, and the regions that contributed to it. The decision is yours.",
      },
    ],
    photoHint: "To photograph a film: fill the frame, hold the phone level, avoid reflections.",
    together: "These images are views of one study",
    label: "Label (optional)",
    labelHelp: "Shown in the worklist for the studies you add next. Do not enter anything that identifies the patient.",
    togetherHint: "DICOM files of one study are grouped automatically.",
    here: "Drop to have these images read",
    none: "No files were dropped. Drop image files or folders.",
    unreadable: "The browser cannot read what was dropped. Copy it to this computer first.",
    denied: "Your account can view studies but not send images. Ask an administrator for the role of a reader.",
  },

  uploads: {
    title: "Sent images",
    summary: (total: number, done: number, failed: number) =>
      `${done} of ${count.files(total)} read${failed === 0 ? "" : `, ${failed} failed`}`,
    checking: "Checking the file",
    sending: (percent: number) => `Sending, ${percent} %`,
    full: (seconds: number) => `The server is busy. Trying again in ${seconds} s`,
    queued: "Waiting to be read",
    reading: "Being read",
    done: "Read",
    failed: "Not read",
    known: "Already here; not stored twice.",
    added: "Added to a study that was already here.",
    retryAll: (n: number) => `Try all ${n} again`,
    retryOf: (name: string) => `Try again: ${name}`,
    clear: "Clear finished",
    hide: "Hide",
    show: "Show",
    open: "Open",
    announceRead: (name: string, call: string) => `${name}: ${call}`,
    announceFailed: (name: string, why: string) => `${name} was not read: ${why}`,
  },
};
