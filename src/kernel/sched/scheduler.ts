// Who runs on the hart: deadline tasks by deadline, then real-time tasks by priority, then fair ones by weight (sched(7)). Time is the machine's clock,
// which under a seed counts instructions: what is picked depends on executed instructions and events only. No operation costs more than O(log n).
import { SCHED_BATCH, SCHED_DEADLINE, SCHED_FIFO, SCHED_FLAG_DL_OVERRUN, SCHED_IDLE, SCHED_RR } from '../../abi/sched.ts';
import { SIGXCPU } from '../../abi/signal.ts';
import { kernelSignal, sendToProcess } from '../signal/send.ts';
import type { NearClock } from '../time/near-clock.ts';
import { type Timers, TimerTarget } from '../time/timers.ts';
import type { Task } from '../task/task.ts';
import { DeadlineQueue, nextPeriod, replenish, wakeServer } from './deadline.ts';
import type { SchedEntity } from './entity.ts';
import { type Arrival, LAG_BOUND_NS, sliceOf } from './fair.ts';
import { FairClass } from './fair-class.ts';
import { groupWeight, TaskGroup } from './group.ts';
import { Pressure } from './psi.ts';
import { RealtimeQueue, RR_TURN_NS } from './realtime.ts';
import { NICE_0_WEIGHT } from './weights.ts';

/** Of each second real-time tasks get 950 ms if others want to run (sched(7), "Limiting the CPU usage of real-time and deadline processes"). */
export const RT_PERIOD_NS = 1_000_000_000, RT_RUNTIME_NS = 950_000_000;
/** A task is looked at after this long even if nobody waits for the hart, and not before this. */
const LONGEST_STRETCH_NS = 4_000_000, SHORTEST_STRETCH_NS = 10_000;
/** Who has just begun is not disturbed by a task of its kind: two that wake each other in turn would pay for twice the switches. */
const UNDISTURBED_NS = 100_000;

export class Scheduler {
  readonly clock: Pick<NearClock, 'nearNs'>;
  readonly timers: Timers;
  /** The group of all tasks that are in no other. */
  readonly root: TaskGroup = new TaskGroup(this, null);
  private readonly fair = new FairClass(this.root);
  readonly deadline = new DeadlineQueue();
  readonly pressure = new Pressure();
  private readonly realtime = new RealtimeQueue();
  /** Who has been picked and not put back: on the hart, or about to go on there. */
  private running: SchedEntity | null = null;
  /** Up to here the running task has been charged. */
  private settledNs = 0;
  /** Since when it has been running. */
  private pickedNs = 0;
  /** Real-time time that others waited through: a full period's share of it is theirs. */
  private rtExcessNs = 0;
  private rtThrottled = false;
  private seq = 0;
  /** The running task should make room at the next trap. */
  needResched = false;
  /** It should do so when its stretch ends: what it was granted is used up. */
  private turnOver = false;
  /** The task on the hart. */
  current: Task | null = null;
  // /proc/stat, /proc/schedstat
  switches = 0;
  picks = 0;
  idles = 0;
  yields = 0;
  wakeups = 0;
  busyNs = 0;
  delayNs = 0;

  constructor(clock: Pick<NearClock, 'nearNs'>, timers: Timers) {
    this.clock = clock;
    this.timers = timers;
  }

  /** Tasks that wait for the hart. */
  get runnable(): number {
    const { running } = this;
    return this.deadline.size + this.realtime.size + this.root.queue.tasks - (running !== null && isFair(running) ? 1 : 0);
  }

  /** A task became runnable. */
  enqueue(t: Task, why: Arrival): void {
    const e = t.sched;
    if (e.place !== 'off') return;
    const now = this.clock.nearNs();
    this.settle(now);
    e.task = t;
    e.seq = ++this.seq;
    e.queuedNs = now;
    if (why === 'wakeup') {
      e.wakeups++;
      this.wakeups++;
    }
    if (e.policy === SCHED_DEADLINE) {
      if (wakeServer(e, now) === 'throttled') return this.throttleDeadline(e, now);
      this.deadline.push(e);
    } else if (isFair(e)) {
      this.fair.enqueue(e, why);
    } else {
      this.realtime.pushBack(e);
    }
    e.place = 'queued';
    this.preemptFor(e, why, now);
    if (this.running !== null) this.pressure.begin(now);
  }

  /** A task stopped being runnable, wherever it is. */
  dequeue(t: Task): void {
    const e = t.sched;
    switch (e.place) {
      case 'off': return;
      case 'running': return this.block(t, this.clock.nearNs());
      case 'throttled':
        this.timers.cancel(e.dlTimer);
        e.dlTimer = 0;
        break;
      case 'queued':
        if (e.policy === SCHED_DEADLINE) this.deadline.remove(e);
        else if (isFair(e)) this.fair.dequeue(e);
        else this.realtime.remove(e);
    }
    e.place = 'off';
  }

  /** The task to run next, which may be the one that ran; null: idle. */
  pick(now: number): Task | null {
    const last = this.running;
    this.settledNs = now;
    if (last !== null && !this.needResched) return this.current = last.task;
    this.needResched = this.turnOver = false;
    this.picks++;
    if (last !== null) this.putBack(last, now);
    const e = this.choose();
    this.running = e;
    if (this.runnable > 0) this.pressure.begin(now);
    else this.pressure.end(now);
    if (e === null) {
      this.idles++;
      return this.current = null;
    }
    e.place = 'running';
    this.pickedNs = now;
    if (e !== last) this.switchedTo(e, last, now);
    return this.current = e.task;
  }

  /** The stretch of `t` on the hart is over, and it could go on. */
  put(t: Task, now: number): void {
    this.settle(now);
    this.current = null;
    if (this.turnOver) this.needResched = true;
    if (t.sched.place === 'running' && this.runnable === 0 && isFair(t.sched) && !this.fair.isExhausted(t.sched)) this.needResched = false;
  }

  /** `t`, which was running, sleeps, has stopped or has ended. */
  block(t: Task, now: number): void {
    const e = t.sched;
    if (e.place !== 'running') return;
    this.settle(now);
    this.running = null;
    e.place = 'off';
    e.yielded = false;
    if (isFair(e)) this.fair.block(e, now);
  }

  /** Charges the running task for what it has run so far, and finds out whether its turn is over. */
  settle(now: number): void {
    const e = this.running, ns = now - this.settledNs;
    if (e === null || ns <= 0) return;
    this.settledNs = now;
    e.sumExecNs += ns;
    this.busyNs += ns;
    if (e.policy === SCHED_DEADLINE) {
      if ((e.dlLeftNs -= ns) <= 0) this.turnOver = true;
    } else if (isFair(e)) {
      if (this.rtExcessNs > 0 && (this.rtExcessNs -= ns) <= 0) this.rtThrottled = false;
      if (this.fair.charge(e, ns, now) === 'turn over') this.turnOver = true;
    } else {
      this.chargeRealtime(e, ns);
    }
  }

  /** How long the running task may run before somebody has to look. */
  allowanceNs(): number {
    const e = this.running!;
    let ns = LONGEST_STRETCH_NS;
    if (e.policy === SCHED_DEADLINE) ns = Math.min(ns, e.dlLeftNs);
    else if (e.policy === SCHED_RR) ns = Math.min(ns, RR_TURN_NS - e.turnNs);
    else if (isFair(e)) ns = this.fair.allowanceNs(e, ns);
    return Math.max(SHORTEST_STRETCH_NS, ns);
  }

  /** sched_yield(2): a fair task gives up the rest of its request, a real-time one goes behind its equals, a deadline one waits for its next period. */
  yield(t: Task): void {
    const e = t.sched;
    this.yields++;
    this.needResched = true;
    if (e !== this.running) return;
    this.settle(this.clock.nearNs());
    if (isFair(e)) e.queue!.forfeit();
    else e.yielded = true;
  }

  /** Policy, priority, nice value or group of `t` are about to change: it leaves its queue. Answers what `changed` wants to know. */
  beginChange(t: Task): 'was runnable' | 'slept' {
    if (t.sched.place === 'off') return 'slept';
    this.dequeue(t);
    return 'was runnable';
  }

  /** They have changed. */
  endChange(t: Task, was: 'was runnable' | 'slept'): void {
    if (was === 'slept') return;
    this.enqueue(t, 'move');
    this.needResched = true;
  }

  /** Priority inheritance: `t` runs at real-time priority `level` at least; 0: as its policy says. */
  boost(t: Task, level: number): void {
    const was = this.beginChange(t);
    t.sched.boost = level;
    this.endChange(t, was);
  }

  /** Lets `t` run before other fair tasks: it is owed as much as can be owed. */
  favour(t: Task): void {
    if (t.sched.place !== 'queued' || !isFair(t.sched)) return;
    this.dequeue(t);
    t.sched.lag = LAG_BOUND_NS * NICE_0_WEIGHT / t.sched.weight;
    this.enqueue(t, 'wakeup');
  }

  /** `t` has ended: what it had been promised is free again. */
  release(t: Task): void {
    this.dequeue(t);
    if (t.sched.policy === SCHED_DEADLINE) this.deadline.admit(t.sched, 0, 0);
  }

  // --- task groups --------------------------------------------------------------------------------------------------------------------

  makeGroup(parent: TaskGroup): TaskGroup { return new TaskGroup(this, parent); }

  /** `t` goes on as a member of `group`. */
  moveTo(t: Task, group: TaskGroup): void {
    const was = this.beginChange(t);
    t.sched.queue = group.queue;
    t.sched.lag = 0;
    this.endChange(t, was);
  }

  /** cpu.weight: 1 to 10000, 100 is an equal share. */
  setWeight(group: TaskGroup, weight: number): void {
    this.settle(this.clock.nearNs());
    group.weight = weight;
    this.fair.setGroupWeight(group, groupWeight(weight));
  }

  /** cpu.max: `quotaNs` of CPU time in every `periodNs`; Infinity: no bound. */
  setBandwidth(group: TaskGroup, quotaNs: number, periodNs: number): void {
    const now = this.clock.nearNs();
    this.settle(now);
    group.setQuota(quotaNs, periodNs, now);
  }

  /** The group may run again (TaskGroup.refill). */
  unthrottle(group: TaskGroup): void {
    this.fair.rejoin(group);
    this.needResched = true;
  }

  // --- picking ------------------------------------------------------------------------------------------------------------------------

  private choose(): SchedEntity | null {
    const first = this.deadline.pop();
    if (first !== null) return first;
    const rt = this.realtime.head;
    if (rt === null || (this.rtThrottled && this.root.queue.tasks > 0)) return this.fair.pick();
    this.realtime.remove(rt);
    return rt;
  }

  private putBack(e: SchedEntity, now: number): void {
    this.running = null;
    e.place = 'queued';
    e.queuedNs = now;
    if (e.policy === SCHED_DEADLINE) {
      if (e.dlLeftNs <= 0 || e.yielded) this.throttleDeadline(e, now);
      else this.deadline.push(e);
    } else if (isFair(e)) {
      this.fair.putBack(e, now);
    } else {
      this.realtime.putBack(e);
    }
  }

  private switchedTo(e: SchedEntity, last: SchedEntity | null, now: number): void {
    this.switches++;
    if (last !== null) last.task!.involuntarySwitches++;
    const delay = now - e.queuedNs;
    e.runs++;
    e.runDelayNs += delay;
    this.delayNs += delay;
    if (delay > e.maxDelayNs) e.maxDelayNs = delay;
  }

  /** `e` has joined: should the running task make room? */
  private preemptFor(e: SchedEntity, why: Arrival, now: number): void {
    const r = this.running;
    if (r === null) return;
    const rank = rankOf(e), than = rankOf(r);
    if (rank !== than) this.needResched ||= rank > than && (rank !== RANK_REALTIME || !this.rtThrottled);
    else if (rank === RANK_DEADLINE) this.needResched ||= e.dlAbsolute < r.dlAbsolute;
    else if (rank === RANK_REALTIME) this.needResched ||= e.level > r.level;
    else if (why === 'wakeup' && e.policy !== SCHED_BATCH && e.policy !== SCHED_IDLE) {
      this.needResched ||= r.policy === SCHED_IDLE || ((now - this.pickedNs >= UNDISTURBED_NS || sliceOf(e) < sliceOf(r)) && this.fair.isBefore(e));
    }
  }

  // --- deadline and real-time --------------------------------------------------------------------------------------------------------

  /** Its runtime is used up, or it has yielded: not before its next period. */
  private throttleDeadline(e: SchedEntity, now: number): void {
    if (e.dlLeftNs < 0 && !e.yielded && (e.dlFlags & SCHED_FLAG_DL_OVERRUN) !== 0) sendToProcess(e.task!.process, kernelSignal(SIGXCPU));
    const at = nextPeriod(e);
    if (at <= now) {
      replenish(e, now);
      e.place = 'queued';
      this.deadline.push(e);
      return;
    }
    e.place = 'throttled';
    e.dlTimer = this.timers.add(at, new ReplenishmentTimer(this, e));
  }

  /** The timer of throttleDeadline. */
  replenished(e: SchedEntity, now: number): void {
    e.dlTimer = 0;
    e.place = 'queued';
    e.queuedNs = now;
    replenish(e, now);
    this.settle(now);
    this.deadline.push(e);
    this.preemptFor(e, 'wakeup', now);
  }

  private chargeRealtime(e: SchedEntity, ns: number): void {
    if (e.policy === SCHED_RR && (e.turnNs += ns) >= RR_TURN_NS) this.turnOver = true;
    if (this.root.queue.tasks === 0) {
      this.rtExcessNs = 0;
      this.rtThrottled = false;
      return;
    }
    this.rtExcessNs += ns * (RT_PERIOD_NS - RT_RUNTIME_NS) / RT_RUNTIME_NS;
    if (this.rtExcessNs >= RT_PERIOD_NS - RT_RUNTIME_NS) this.rtThrottled = this.turnOver = true;
  }
}

const RANK_FAIR = 1, RANK_REALTIME = 2, RANK_DEADLINE = 3;
const rankOf = (e: SchedEntity): number => (e.policy === SCHED_DEADLINE ? RANK_DEADLINE : isFair(e) ? RANK_FAIR : RANK_REALTIME);
const isFair = (e: SchedEntity): boolean => e.boost === 0 && e.policy !== SCHED_FIFO && e.policy !== SCHED_RR && e.policy !== SCHED_DEADLINE;
export const isRealtime = (t: Task): boolean => t.sched.policy === SCHED_FIFO || t.sched.policy === SCHED_RR;

/** A deadline task's next period begins. */
class ReplenishmentTimer extends TimerTarget {
  private readonly scheduler: Scheduler;
  private readonly entity: SchedEntity;
  constructor(scheduler: Scheduler, entity: SchedEntity) {
    super();
    this.scheduler = scheduler;
    this.entity = entity;
  }
  override expire(nowNs: number): void { this.scheduler.replenished(this.entity, nowNs); }
}
