// The browser's own dialog: it keeps the focus, closes with Escape and hides the rest from screen readers.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../texts/index.ts";
import { Icon } from "../icon.tsx";

interface Props {
  title: string;
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

/** `wide` is for long texts, which the keyboard has to be able to scroll. */
export function Dialog({ title, wide = false, onClose, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={element} class={wide ? "wide" : ""} aria-labelledby="dialog-title" onClose={onClose}>
      <header>
        <h2 id="dialog-title">{title}</h2>
        <button type="button" class="quiet" aria-label={t.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="dialog-body" tabIndex={wide ? 0 : -1}>
        {children}
      </div>
    </dialog>
  );
}
