// The options --display, --input, --balloon and --network of run and exec.
import { INPUT_KINDS, type InputKind } from '../machine/devices/input-kinds.ts';
import type { DisplaySize } from '../machine/peripherals.ts';
import { NullWire } from '../host/hub.ts';
import { CaptureFile } from '../host/node/capture-file.ts';
import type { MachineRequest, NetCard } from '../system/contract.ts';
import { displaySize, parseSize } from '../system/size.ts';
import type { Watch } from './session.ts';
import { UsageError } from './options.ts';
import type { Parsed } from './options.ts';

/** The display of `kspace screenshot`, unless another is asked for. */
const DEFAULT_DISPLAY: DisplaySize = { width: 640, height: 480 };

export function devices({ values }: Parsed, { screenshot }: Watch = {}): Pick<MachineRequest, 'display' | 'inputs' | 'balloon' | 'nets'> {
  const balloon = values.get('balloon');
  return {
    display: display(values.get('display')) ?? (screenshot === undefined ? undefined : DEFAULT_DISPLAY), inputs: inputs(values.get('input')),
    balloon: balloon === undefined ? undefined : { bytes: range(() => parseSize(balloon)), rule: 'deflate on oom' },
    nets: network(values.get('network')),
  };
}

/** '640x480'. */
export function display(text: string | undefined): DisplaySize | undefined {
  if (text === undefined) return undefined;
  const m = /^(\d+)x(\d+)$/.exec(text);
  if (m === null) throw new UsageError(`'${text}' is no size of a display: say 640x480`);
  return range(() => displaySize({ width: Number(m[1]), height: Number(m[2]) }));
}

function inputs(text: string | undefined): readonly InputKind[] | undefined {
  return text?.split(',').map((word, i, all) => {
    const kind = INPUT_KINDS.find(k => k === word);
    if (kind === undefined || all.indexOf(word) !== i) throw new UsageError(`'${text}' names no input devices: say one or more of ${INPUT_KINDS.join(',')}`);
    return kind;
  });
}

/** There is no protocol stack yet: what a card on such a wire is good for are raw frames. */
function network(text: string | undefined): readonly NetCard[] | undefined {
  if (text === undefined || text === 'none') return undefined;
  if (text === 'null') return [{ id: 'net0', wire: new NullWire() }];
  const [kind, file] = [text.slice(0, 5), text.slice(5)];
  if (kind !== 'pcap:' || file === '') throw new UsageError(`'${text}' is no network: say none, null or pcap:FILE`);
  return [{ id: 'net0', wire: new NullWire(), capture: new CaptureFile(file) }];
}

function range<T>(f: () => T): T {
  try {
    return f();
  } catch (e) {
    throw new UsageError((e as Error).message);
  }
}
