// Internet addresses (ip(7), ipv6(7)) of a machine whose only interface is the loopback. A host is its text form: '127.0.0.1', '0.0.0.0',
// '::1', '::', or anything else, which is unreachable. IPv4 addresses in IPv6 clothes (::ffff:127.0.0.1) are IPv4 hosts here.
import { type Fallible, EAFNOSUPPORT, EINVAL } from '../../../abi/errno.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../abi/socket.ts';

export interface Endpoint { readonly host: string; readonly port: number }

export const ANY4 = '0.0.0.0', ANY6 = '::', LOOPBACK4 = '127.0.0.1', LOOPBACK6 = '::1';
const SIZE4 = 16, SIZE6 = 28, SIZE6_OLD = 24;

export const anyOf = (family: number): Endpoint => ({ host: family === AF_INET ? ANY4 : ANY6, port: 0 });
export const isAny = (host: string): boolean => host === ANY4 || host === ANY6;
export const isIpv4 = (host: string): boolean => !host.includes(':');
/** All of 127/8 is this machine. */
export const isLocal = (host: string): boolean => host === LOOPBACK6 || host.startsWith('127.');
/** Where a packet to `host` goes: "any" means this machine. */
export const destinationOf = (host: string): string => (host === ANY4 ? LOOPBACK4 : host === ANY6 ? LOOPBACK6 : host);
/** Source address of a packet to `host`. */
export const sourceFor = (host: string): string => (isIpv4(host) ? LOOPBACK4 : LOOPBACK6);

/** The address in a struct sockaddr_in or sockaddr_in6, as a socket of `family` may get it. */
export function parseEndpoint(family: number, bytes: Uint8Array): Fallible<Endpoint> {
  if (bytes.length < 2) return EINVAL;
  const given = bytes[0]! | (bytes[1]! << 8);
  if (family === AF_INET) {
    if (bytes.length < SIZE4) return EINVAL;
    // An old courtesy: AF_UNSPEC with INADDR_ANY is taken for AF_INET (ip(7)).
    if (given !== AF_INET && !(given === AF_UNSPEC && bytes.subarray(4, 8).every(b => b === 0))) return EAFNOSUPPORT;
    return { host: bytes.subarray(4, 8).join('.'), port: portOf(bytes) };
  }
  if (given === AF_INET && bytes.length >= SIZE4) return EINVAL;
  if (bytes.length < SIZE6_OLD) return EINVAL;
  if (given !== AF_INET6) return EAFNOSUPPORT;
  return { host: hostOf6(bytes.subarray(8, 24)), port: portOf(bytes) };
}

/** struct sockaddr_in, or sockaddr_in6 with IPv4 hosts mapped. */
export function encodeEndpoint(family: number, { host, port }: Endpoint): Uint8Array {
  const bytes = new Uint8Array(family === AF_INET ? SIZE4 : SIZE6);
  bytes[0] = family;
  bytes[2] = port >> 8;
  bytes[3] = port;
  if (family === AF_INET) bytes.set(host.split('.').map(Number), 4);
  else if (host === LOOPBACK6) bytes[23] = 1;
  else if (isIpv4(host)) {
    bytes[18] = bytes[19] = 255;
    bytes.set(host.split('.').map(Number), 20);
  }
  return bytes;
}

const portOf = (bytes: Uint8Array): number => (bytes[2]! << 8) | bytes[3]!;

function hostOf6(b: Uint8Array): string {
  const zeros = b.findIndex(x => x !== 0);
  if (zeros < 0) return ANY6;
  if (zeros === 15 && b[15] === 1) return LOOPBACK6;
  if (zeros === 10 && b[10] === 255 && b[11] === 255) return b.subarray(12).join('.');
  const words: string[] = [];
  for (let i = 0; i < 16; i += 2) words.push(((b[i]! << 8) | b[i + 1]!).toString(16));
  return words.join(':');
}
