// Exact arithmetic on doubles: each operation leaves its result in the accumulator as (r + e) * 2^scale, nothing lost (rounding.ts then rounds once).
// Error-free transformations (Dekker 1971, Knuth TAOCP 4.2.2): the host's own IEEE arithmetic gives r, the rest e is again a double or, for quotients
// and roots, a residual whose sign is all that matters. Operands are scaled to [1, 2) where exponents could get in the way. No operand is NaN.
import { type Accumulator, DZ, RDN, toOdd } from './rounding.ts';

/** Smaller than half an ulp of anything in [1/4, 4): stands for "a little more" where only the sign of the rest matters. */
const TINY = 2 ** -200;
/** Exponent distances of addend and product beyond which the smaller one is only "a little more". */
const FAR_ABOVE = 80, FAR_BELOW = -199;

/** Division and square root: ties are impossible, so only the sign of the residual is kept. */
const tinyLike = (x: number) => (x > 0 ? TINY : x < 0 ? -TINY : 0);
const isFinite64 = (x: number) => x - x === 0;

/** x = m * 2^exponentOf(x) with 1 <= |m| < 2; leaves m in acc.f64. x is finite and not zero. */
function normalise(acc: Accumulator, x: number): number {
  const { f64, words } = acc;
  f64[0] = x;
  let bias = 1023;
  if ((words[1]! & 0x7ff00000) === 0) {
    f64[0] = x * 2 ** 54;
    bias = 1077;
  }
  const hi = words[1]!;
  words[1] = hi & 0x800fffff | 0x3ff00000;
  return (hi >>> 20 & 0x7ff) - bias;
}

/** x + y - sum, exactly, where sum = x + y rounded and |x| >= |y|. */
const fastSumError = (x: number, y: number, sum: number) => y - (sum - x);

/** x + y - sum, exactly, for any order. */
function sumError(x: number, y: number, sum: number): number {
  const yy = sum - x;
  return x - (sum - yy) + (y - yy);
}

/** x * y - product, exactly, where product = x * y rounded. Away from overflow and underflow. */
function productError(x: number, y: number, product: number): number {
  const cx = x * 134217729, xh = cx - (cx - x), xl = x - xh;
  const cy = y * 134217729, yh = cy - (cy - y), yl = y - yh;
  return xl * yl - (product - xh * yh - xl * yh - xh * yl);
}

/** a + b. */
export function add(acc: Accumulator, a: number, b: number): void {
  const sum = a + b;
  if (sum !== sum) { acc.invalid(); return; } // infinity - infinity
  if (sum === 0) { acc.set(zeroSum(acc, a, b), 0, 0); return; }
  if (!isFinite64(sum)) {
    if (!isFinite64(a) || !isFinite64(b)) { acc.set(sum, 0, 0); return; }
    const quarter = a * 0.25 + b * 0.25;       // exact: both operands are huge
    acc.set(quarter, sumError(a * 0.25, b * 0.25, quarter), 2);
    return;
  }
  acc.set(sum, Math.abs(a) >= Math.abs(b) ? fastSumError(a, b, sum) : fastSumError(b, a, sum), 0);
}

/** The sign of an exact zero sum: that of two like zeros, else + (- when rounding down). IEEE 754-2019, 6.3. */
function zeroSum(acc: Accumulator, a: number, b: number): number {
  const anyNegative = Object.is(a, -0) || Object.is(b, -0) || a < 0 || b < 0;
  return acc.mode === RDN && anyNegative ? -0 : a + b;
}

/** a * b. */
export function multiply(acc: Accumulator, a: number, b: number): void {
  const product = a * b;
  if (product !== product) { acc.invalid(); return; } // 0 * infinity
  if (a === 0 || b === 0 || !isFinite64(a) || !isFinite64(b)) { acc.set(product, 0, 0); return; }
  const ea = normalise(acc, a), x = acc.f64[0]!;
  const eb = normalise(acc, b), y = acc.f64[0]!;
  const p = x * y;
  acc.set(p, productError(x, y, p), ea + eb);
}

/** a / b. */
export function divide(acc: Accumulator, a: number, b: number): void {
  const quotient = a / b;
  if (quotient !== quotient) { acc.invalid(); return; } // 0 / 0, infinity / infinity
  if (b === 0 && isFinite64(a)) acc.flags |= DZ;
  if (a === 0 || b === 0 || !isFinite64(a) || !isFinite64(b)) { acc.set(quotient, 0, 0); return; }
  const ea = normalise(acc, a), x = acc.f64[0]!;
  const eb = normalise(acc, b), y = acc.f64[0]!;
  const q = x / y, p = q * y;
  const rest = x - p - productError(q, y, p); // exact: the residual of a correctly rounded quotient is a double
  acc.set(q, tinyLike(y < 0 ? -rest : rest), ea - eb);
}

/** The square root of a. */
export function squareRoot(acc: Accumulator, a: number): void {
  if (a < 0) { acc.invalid(); return; }
  if (a === 0 || !isFinite64(a)) { acc.set(a, 0, 0); return; }
  const ea = normalise(acc, a), odd = ea & 1;
  const x = odd === 0 ? acc.f64[0]! : acc.f64[0]! * 2;
  const s = Math.sqrt(x), p = s * s;          // the hosts' sqrt is the machine instruction, correctly rounded
  acc.set(s, tinyLike(x - p - productError(s, s, p)), (ea - odd) / 2);
}

/**
 * a * b + c with one rounding to come. The exact product is two doubles; adding c leaves three, of which the two small ones are summed with
 * rounding to odd (Boldo and Melquiond 2008), so that the pair that remains rounds like the exact value in every mode.
 */
export function multiplyAdd(acc: Accumulator, a: number, b: number, c: number): void {
  const product = a * b;
  if (product !== product) { acc.invalid(); return; }
  if (a === 0 || b === 0 || !isFinite64(a) || !isFinite64(b)) { add(acc, product, c); return; }
  if (!isFinite64(c)) { acc.set(c, 0, 0); return; }
  if (c === 0) { multiply(acc, a, b); return; }

  const ea = normalise(acc, a), x = acc.f64[0]!;
  const eb = normalise(acc, b), y = acc.f64[0]!;
  const ec = normalise(acc, c), z = acc.f64[0]!;
  const distance = ec - ea - eb;
  if (distance > FAR_ABOVE) { acc.set(z, tinyLike(x * y), ec); return; }

  const ph = x * y, pl = productError(x, y, ph);
  const addend = distance < FAR_BELOW ? tinyLike(z) : z * 2 ** distance;
  const uh = addend + pl, ul = sumError(addend, pl, uh);
  const th = ph + uh, tl = sumError(ph, uh, th);
  const low = tl + ul, v = toOdd(acc, low, sumError(tl, ul, low));
  const sum = th + v;
  if (sum === 0) acc.set(acc.mode === RDN ? -0 : 0, 0, 0);
  else acc.set(sum, sumError(th, v, sum), ea + eb);
}
