// The tools of the workbench: what the pointer does, how images are shown, undo and redo.

import { Icon, type IconName } from "../../../parts/icon.tsx";
import { canRedo, canUndo, redo, undo, writable } from "../../../state/annotation/editor.ts";
import { t } from "../../../texts/index.ts";
import { perform } from "../../../viewer/actions.ts";
import { activeView, linked, original, renderCount, single, tool } from "../../../viewer/display.ts";
import { PRESETS, type Preset } from "../../../viewer/image/windows.ts";
import type { Action } from "../../../viewer/keys.ts";
import type { Tool } from "../../../viewer/tools.ts";
import { MEASURE_KEYS } from "./commands.ts";

const POINTER: readonly Tool[] = ["mark", "window", "pan", "zoom", "length", "angle", "cobb", "calibrate"];
const PRESET_ACTIONS: Record<Preset, Action> = {
  stored: "presetStored",
  bone: "presetBone",
  soft: "presetSoft",
  full: "presetFull",
};

interface ButtonProps {
  icon: IconName;
  label: string;
  pressed?: boolean;
  disabled?: boolean;
  onPress: () => void;
}

function Button({ icon, label, pressed, disabled = false, onPress }: ButtonProps) {
  return (
    <button
      type="button"
      class="tool"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

/** `editing`: whether there is something to draw, undo and redo. */
export function BenchTools({ images, editing }: { images: number; editing: boolean }) {
  const { viewer, annotation } = t;
  renderCount.value;
  const view = activeView();
  const names: Record<Tool, string> = {
    window: viewer.windowLevel,
    pan: viewer.pan,
    zoom: viewer.zoom,
    length: viewer.length,
    angle: viewer.angle,
    cobb: viewer.cobb,
    calibrate: viewer.calibrate,
    mark: annotation.work.draw,
  };
  const keys = new Map([...MEASURE_KEYS].map(([key, name]) => [name, key]));
  const named = (name: Tool) => (keys.has(name) ? `${names[name]} (Shift ${keys.get(name)})` : names[name]);
  const act = (icon: IconName, label: string, action: Action, pressed?: boolean) => (
    <Button
      icon={icon}
      label={label}
      onPress={() => void perform(action)}
      {...(pressed === undefined ? {} : { pressed })}
    />
  );
  return (
    <div class="toolbar" role="group" aria-label={viewer.tools}>
      <div class="tool-group" role="group" aria-label={viewer.tools}>
        {POINTER.filter((name) => editing || name !== "mark").map((name) => (
          <Button
            key={name}
            icon={name}
            label={named(name)}
            pressed={tool.value === name}
            onPress={() => (tool.value = name)}
          />
        ))}
        <Button
          icon="erase"
          label={`${annotation.work.eraseMeasure} (Shift M)`}
          onPress={() => void perform("erase")}
        />
        {editing && (
          <>
            <Button
              icon="undo"
              label={annotation.work.undo}
              disabled={!canUndo.value || !writable.value}
              onPress={undo}
            />
            <Button
              icon="redo"
              label={annotation.work.redo}
              disabled={!canRedo.value || !writable.value}
              onPress={redo}
            />
          </>
        )}
      </div>
      <div class="tool-group" role="group" aria-label={viewer.look}>
        <label class="presets">
          <span class="unseen">{viewer.presets}</span>
          <select
            value=""
            title={viewer.presets}
            onChange={(event) => {
              const name = PRESETS.find((one) => one === event.currentTarget.value);
              if (name !== undefined) perform(PRESET_ACTIONS[name]);
              event.currentTarget.value = "";
            }}
          >
            <option value="" disabled>
              {viewer.window}
            </option>
            {PRESETS.map((name) => (
              <option key={name} value={name}>
                {viewer.preset[name]}
              </option>
            ))}
          </select>
        </label>
        <Button
          icon="original"
          label={viewer.original}
          pressed={original.value}
          onPress={() => (original.value = !original.value)}
        />
        {act("invert", viewer.invert, "invert", view?.inverted ?? false)}
        {act("rotateLeft", viewer.rotateLeft, "rotateLeft")}
        {act("rotate", viewer.rotate, "rotate")}
        {act("flip", viewer.flip, "flip", view?.mirrored ?? false)}
        {act("zoomOut", viewer.zoomOut, "zoomOut")}
        {act("zoomIn", viewer.zoomIn, "zoomIn")}
        {act("fit", viewer.fit, "fit")}
        {act("actual", viewer.actual, "actual")}
        {act("reset", viewer.reset, "reset")}
        {images > 1 && act("linked", viewer.linked, "linked", linked.value)}
        {images > 1 && act("layout", viewer.layout, "layout", single.value)}
      </div>
    </div>
  );
}
