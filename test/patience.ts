/** How much longer tests wait than they need on an idle machine: translating everything at once (KSPACE_JIT=eager) takes its time. */
export const PATIENCE = process.env['KSPACE_JIT'] === 'eager' ? 8 : 1;
