// The accent that an admin set, made readable: its foreground, and shades of it for text and edges.

const SURFACES = { light: "#ffffff", dark: "#1d1f24" };
// The grounds that accent text may stand on; the hardest decides.
const GROUNDS = { light: "#f1f2f5", dark: "#202227" };
const HEX = /^#[0-9a-f]{6}$/i;

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const toHex = (rgb) => "#" + rgb.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("");

/** Relative luminance of "#rrggbb", 0 (black) to 1 (white), as WCAG 2 defines it. */
export function luminance(hex) {
  const [red, green, blue] = channels(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two "#rrggbb" colours, 1 to 21. */
export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function mix(hex, target, share) {
  const to = channels(target);
  return toHex(channels(hex).map((value, at) => value + (to[at] - value) * share));
}

function readable(hex, grounds, target, wanted) {
  for (let share = 0; share < 1; share += 0.05) {
    const shade = mix(hex, target, share);
    if (grounds.every((ground) => contrast(shade, ground) >= wanted)) return shade;
  }
  return target;
}

/** The custom properties for an accent "#rrggbb"; {} when it is not one, so that the default stays. */
export function accentProperties(accent) {
  if (!HEX.test(accent ?? "")) return {};
  const onAccent = contrast(accent, "#ffffff") >= 4.5 ? "#ffffff" : "#111318";
  const base = contrast(accent, onAccent) >= 4.5 ? accent : readable(accent, [onAccent], "#ffffff", 4.5);
  const soft = { light: mix(base, SURFACES.light, 0.91), dark: mix(base, SURFACES.dark, 0.82) };
  const light = (wanted) => readable(base, [GROUNDS.light, soft.light], "#000000", wanted);
  const dark = (wanted) => readable(base, [GROUNDS.dark, soft.dark], "#ffffff", wanted);
  return {
    "--accent": base,
    "--on-accent": onAccent,
    "--accent-text": `light-dark(${light(4.6)}, ${dark(4.6)})`,
    "--accent-edge": `light-dark(${light(3)}, ${dark(3)})`,
    "--accent-soft": `light-dark(${soft.light}, ${soft.dark})`,
  };
}
