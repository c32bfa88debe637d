import type { FullStudy } from "../api/types.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import { t } from "../texts/index.ts";
import { perform } from "./actions.ts";
import { activeView, boxes, heat, linked, opacity, original, renderCount, single, tool } from "./display.ts";
import { PRESETS, type Preset } from "./image/windows.ts";
import { type Action, BINDINGS, keyName } from "./keys.ts";
import { TOOL_NAMES, type Tool } from "./tools.ts";

const TOOL_ACTIONS: Record<Tool, Action> = {
  window: "toolWindow",
  pan: "toolPan",
  zoom: "toolZoom",
  length: "toolLength",
  angle: "toolAngle",
  cobb: "toolCobb",
  calibrate: "toolCalibrate",
  mark: "toolMark",
};
const PRESET_ACTIONS: Record<Preset, Action> = {
  stored: "presetStored",
  bone: "presetBone",
  soft: "presetSoft",
  full: "presetFull",
};

function hint(label: string, action: Action): string {
  const key = BINDINGS.find((binding) => binding.action === action)?.keys[0];
  return key === undefined ? label : `${label} (${keyName(key)})`;
}

interface ButtonProps {
  icon: IconName;
  label: string;
  action: Action;
  pressed?: boolean | undefined;
  words?: boolean;
  onPress?: () => void;
}

function Button({ icon, label, action, pressed, words = false, onPress }: ButtonProps) {
  return (
    <button
      type="button"
      class="tool"
      title={hint(label, action)}
      aria-label={words ? undefined : label}
      aria-pressed={pressed}
      onClick={onPress ?? (() => void perform(action))}
    >
      <Icon name={icon} />
      {words && <span>{label}</span>}
    </button>
  );
}

export function Toolbar({ study }: { study: FullStudy }) {
  const { viewer } = t;
  renderCount.value;
  const view = activeView();
  const anyHeat = study.images.some((image) => image.heat);
  const anyBox = (study.reading?.findings.length ?? 0) > 0;
  const names: Record<Tool, string> = {
    window: viewer.windowLevel,
    pan: viewer.pan,
    zoom: viewer.zoom,
    length: viewer.length,
    angle: viewer.angle,
    cobb: viewer.cobb,
    calibrate: viewer.calibrate,
    mark: viewer.mark,
  };
  return (
    <div class="toolbar" role="group" aria-label={viewer.tools}>
      <div class="tool-group layers" role="group" aria-label={viewer.layers}>
        <Button
          icon="original"
          label={viewer.original}
          action="original"
          words
          pressed={original.value}
          onPress={() => (original.value = !original.value)}
        />
        {anyBox && (
          <Button icon="boxes" label={viewer.boxes} action="boxes" words pressed={boxes.value && !original.value} />
        )}
        {anyHeat && (
          <Button icon="heat" label={viewer.heat} action="heat" words pressed={heat.value && !original.value} />
        )}
        {anyHeat && (
          <label class="opacity">
            <span class="unseen">{viewer.opacity}</span>
            <input
              type="range"
              min={10}
              max={100}
              step={5}
              value={Math.round(opacity.value * 100)}
              title={viewer.opacity}
              aria-valuetext={`${Math.round(opacity.value * 100)} %`}
              onInput={(event) => {
                heat.value = true;
                opacity.value = Number(event.currentTarget.value) / 100;
              }}
            />
          </label>
        )}
      </div>
      <div class="tool-group" role="group" aria-label={viewer.tools}>
        {TOOL_NAMES.map((name) => (
          <Button
            key={name}
            icon={name}
            label={names[name]}
            action={TOOL_ACTIONS[name]}
            pressed={tool.value === name}
          />
        ))}
        <Button icon="erase" label={viewer.erase} action="erase" />
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
                {hint(viewer.preset[name], PRESET_ACTIONS[name])}
              </option>
            ))}
          </select>
        </label>
        <Button icon="invert" label={viewer.invert} action="invert" pressed={view?.inverted ?? false} />
        <Button icon="rotateLeft" label={viewer.rotateLeft} action="rotateLeft" />
        <Button icon="rotate" label={viewer.rotate} action="rotate" />
        <Button icon="flip" label={viewer.flip} action="flip" pressed={view?.mirrored ?? false} />
        <Button icon="zoomOut" label={viewer.zoomOut} action="zoomOut" />
        <Button icon="zoomIn" label={viewer.zoomIn} action="zoomIn" />
        <Button icon="fit" label={viewer.fit} action="fit" />
        <Button icon="actual" label={viewer.actual} action="actual" />
        <Button icon="reset" label={viewer.reset} action="reset" />
        {study.images.length > 1 && (
          <Button icon="linked" label={viewer.linked} action="linked" pressed={linked.value} />
        )}
        {study.images.length > 1 && (
          <Button icon="layout" label={viewer.layout} action="layout" pressed={single.value} />
        )}
      </div>
    </div>
  );
}
