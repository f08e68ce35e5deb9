// adjtimex(2), clock_adjtime(2): steps and slow corrections of CLOCK_REALTIME, and what is said about its quality.
import { CAP_SYS_TIME } from '../../abi/capability.ts';
import { EINVAL, EOPNOTSUPP, EPERM, type Errno, isErr } from '../../abi/errno.ts';
import * as time from '../../abi/time.ts';
import { clampError } from '../time/discipline.ts';
import type { Task } from '../task/task.ts';
import { stepRealtime } from '../time/clock-set.ts';
import { oneOf, ptr, syscall } from './define.ts';

const { ADJ_ESTERROR, ADJ_FREQUENCY, ADJ_MAXERROR, ADJ_MICRO, ADJ_NANO, ADJ_OFFSET, ADJ_SETOFFSET, ADJ_STATUS, ADJ_TAI, ADJ_TICK, ADJ_TIMECONST,
  CLOCK_REALTIME, STA_NANO, STA_UNSYNC, TIME_ERROR, TIME_OK, Timex } = time;
type TimexView = ReturnType<typeof Timex.view>;
const CLOCKS = Object.fromEntries(Object.entries(time).filter(([k]) => k.startsWith('CLOCK_'))) as Record<string, number>;
/** The bits of ADJ_OFFSET_SINGLESHOT and ADJ_OFFSET_SS_READ: adjtime(3) speaks; it only asks. */
const ADJTIME = 0x8000, READ_ONLY = 0x2000;
/** Status bits that only the kernel sets. */
const STA_READ_ONLY = 0xff00;
/** Microseconds of a tick. Without a phase-locked loop it cannot be tuned, nor the frequency. */
const TICK_US = 10_000;
const GAPS = 'ADJ_OFFSET, ADJ_FREQUENCY, ADJ_TICK, ADJ_TAI (the phase-locked loop of ntpd) answer EOPNOTSUPP unless they change nothing';

export const sys_adjtimex = syscall({ name: 'adjtimex', args: [ptr('buf')], gaps: GAPS, run: (t, at) => adjust(t, at) });

export const sys_clock_adjtime = syscall({
  name: 'clock_adjtime', args: [oneOf('clockid', CLOCKS), ptr('buf')], gaps: GAPS,
  run: (t, id, at) => (id === CLOCK_REALTIME ? adjust(t, at) : EOPNOTSUPP),
});

function adjust(t: Task, at: number): number {
  const view = Timex.view();
  const r = t.user.copyIn(at, view.bytes);
  if (isErr(r)) return r;
  const e = check(t, view);
  if (e !== 0) return e;
  const { clock } = t.kernel;
  const leftUs = Math.trunc(clock.slewLeftNs / 1000);
  if ((view.modes & ADJTIME) === 0) apply(t, view);
  else if ((view.modes & READ_ONLY) === 0) clock.slew(view.offset * 1000);
  const offset = (view.modes & ADJTIME) !== 0 ? leftUs : 0;
  const status = report(t, view, offset);
  const w = t.user.copyOut(at, view.bytes);
  return isErr(w) ? w : status;
}

function check(t: Task, view: TimexView): 0 | Errno {
  const { modes } = view;
  const mayChange = t.cred.has(CAP_SYS_TIME);
  if ((modes & ADJTIME) !== 0) return (modes & ADJ_OFFSET) === 0 ? EINVAL : (modes & READ_ONLY) === 0 && !mayChange ? EPERM : 0;
  if (modes !== 0 && !mayChange) return EPERM;
  if ((modes & ADJ_TICK) !== 0 && (view.tick < TICK_US * 0.9 || view.tick > TICK_US * 1.1)) return EINVAL;
  if ((modes & ADJ_SETOFFSET) !== 0 && (view.time.tv_usec < 0 || view.time.tv_usec >= ((modes & ADJ_NANO) !== 0 ? 1e9 : 1e6))) return EINVAL;
  const tunes = ((modes & ADJ_OFFSET) !== 0 && view.offset !== 0) || ((modes & ADJ_FREQUENCY) !== 0 && view.freq !== 0)
    || ((modes & ADJ_TICK) !== 0 && view.tick !== TICK_US) || ((modes & ADJ_TAI) !== 0 && view.constant !== 0);
  return tunes ? EOPNOTSUPP : 0;
}

function apply(t: Task, view: TimexView): void {
  const { clock } = t.kernel, { modes } = view, d = clock.discipline;
  if ((modes & ADJ_SETOFFSET) !== 0) stepRealtime(t.kernel, view.time.tv_sec, view.time.tv_usec * ((modes & ADJ_NANO) !== 0 ? 1 : 1000));
  if ((modes & ADJ_STATUS) !== 0) d.status = (d.status & STA_READ_ONLY) | (view.status & ~STA_READ_ONLY);
  if ((modes & ADJ_NANO) !== 0) d.status |= STA_NANO;
  if ((modes & ADJ_MICRO) !== 0) d.status &= ~STA_NANO;
  if ((modes & ADJ_MAXERROR) !== 0) d.setMaxerror(view.maxerror, t.kernel.now());
  if ((modes & ADJ_ESTERROR) !== 0) d.esterrorUs = clampError(view.esterror);
  if ((modes & ADJ_TIMECONST) !== 0) d.constant = Math.max(0, Math.min(10, view.constant + ((d.status & STA_NANO) !== 0 ? 0 : 4)));
}

/** Everything as it is now, and the state of the clock. */
function report(t: Task, view: TimexView, offset: number): number {
  const d = t.kernel.clock.discipline, now = t.kernel.realtime();
  d.refresh(t.kernel.now());
  const { modes } = view;
  view.zero();
  view.modes = modes;
  view.offset = offset;
  view.maxerror = d.maxerror(t.kernel.now());
  view.esterror = d.esterrorUs;
  view.status = d.status;
  view.constant = d.constant;
  view.precision = 1;
  view.tolerance = 32_768_000;
  view.tick = TICK_US;
  view.time.tv_sec = now.sec;
  view.time.tv_usec = (d.status & STA_NANO) !== 0 ? now.nsec : Math.floor(now.nsec / 1000);
  return (d.status & STA_UNSYNC) !== 0 ? TIME_ERROR : TIME_OK;
}
