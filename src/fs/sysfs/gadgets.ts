// Input devices and screens in sysfs (Linux: Documentation/ABI/testing/sysfs-class-input, Documentation/ABI/testing/sysfs-class-graphics): below the device they belong to, and by class.
import { FB_MAJOR, fbEnvironment, fbPath } from '../../kernel/fb/fb-layer.ts';
import type { FrameBuffer } from '../../kernel/fb/frame-buffer.ts';
import type { InputDevice } from '../../kernel/input/input-device.ts';
import { CAPABILITIES, eventName, hexLongs, INPUT_MAJOR, inputEnvironment, inputPath, modalias, nodeEnvironment } from '../../kernel/input/input-layer.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { addDirectory, addText, linkTo, type SysNode } from './nodes.ts';

type Tree = Map<string, SysNode>;

export function addGadgets(tree: Tree, k: Kernel): void {
  addDirectory(tree, 'class/input');
  addDirectory(tree, 'class/graphics');
  for (const d of k.input.devices) addInput(tree, d);
  for (const s of k.fb.screens) addScreen(tree, s);
}

/** What `uevent` of such a device repeats: subsystem and environment; null: the path is of another kind. */
export function gadgetEvent(k: Kernel, path: string): { readonly subsystem: string; readonly lines: string[] } | null {
  for (const d of k.input.devices) {
    if (path === inputPath(d)) return { subsystem: 'input', lines: inputEnvironment(d) };
    if (path === `${inputPath(d)}/${eventName(d)}`) return { subsystem: 'input', lines: nodeEnvironment(d) };
  }
  const screen = k.fb.screens.find(s => path === fbPath(s));
  return screen === undefined ? null : { subsystem: 'graphics', lines: fbEnvironment(screen) };
}

function addInput(tree: Tree, d: InputDevice): void {
  const home = inputPath(d), { ids } = d;
  const hex = (n: number): string => n.toString(16).padStart(4, '0');
  const rows: Record<string, string> = {
    name: d.name, phys: d.phys, uniq: d.uniq, modalias: modalias(d), properties: hexLongs(d.properties), inhibited: '0',
    'id/bustype': hex(ids.bustype), 'id/vendor': hex(ids.vendor), 'id/product': hex(ids.product), 'id/version': hex(ids.version),
  };
  for (const [name, text] of Object.entries(rows)) addText(tree, `${home}/${name}`, text);
  for (const [name, , type] of CAPABILITIES) addText(tree, `${home}/capabilities/${name}`, hexLongs(d.codes.get(type) ?? new Uint8Array(8)));
  addNode(tree, home, 'input', `input${d.number}`, inputEnvironment(d));
  linkTo(tree, `${home}/device`, d.parentPath);
  const node = `${home}/${eventName(d)}`;
  addText(tree, `${node}/dev`, `${INPUT_MAJOR}:${d.minor}`);
  addNode(tree, node, 'input', eventName(d), nodeEnvironment(d));
  linkTo(tree, `${node}/device`, home);
  linkTo(tree, `dev/char/${INPUT_MAJOR}:${d.minor}`, node);
}

function addScreen(tree: Tree, s: FrameBuffer): void {
  const home = fbPath(s), mode = `U:${s.width}x${s.height}p-0`;
  const rows: Record<string, string> = {
    dev: `${FB_MAJOR}:${s.minor}`, name: s.id, bits_per_pixel: '32', virtual_size: `${s.width},${s.virtualHeight}`, stride: String(s.stride), pan: `${s.xoffset},${s.yoffset}`,
    modes: mode, mode: s.xres === s.width && s.yres === s.height ? mode : '', rotate: '0', state: '0',
  };
  for (const [name, text] of Object.entries(rows)) addText(tree, `${home}/${name}`, text);
  addNode(tree, home, 'graphics', `fb${s.minor}`, fbEnvironment(s));
  linkTo(tree, `${home}/device`, s.parentPath);
  linkTo(tree, `dev/char/${FB_MAJOR}:${s.minor}`, home);
}

/** What every device has: its events, its class and a link from there. */
function addNode(tree: Tree, home: string, group: string, name: string, environment: readonly string[]): void {
  addText(tree, `${home}/uevent`, environment.join('\n'), { action: 'uevent', name: home });
  linkTo(tree, `${home}/subsystem`, `class/${group}`);
  linkTo(tree, `class/${group}/${name}`, home);
}
