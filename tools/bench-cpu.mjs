// Suite cpu, the part with contenders: every program of bench/src/cpu, its checksum compared. Start-up (the row `empty`) is taken off the other rows.
import { cpuPrograms, program } from './bench-build.mjs';

export const startup = 'empty (start-up)';
/** Start-up is taken off the rows: there is nothing that a machine that stays up would save. */
export const without = ['kspace-up'];

/** Rows for bench-run.mjs. */
export function rows({ commands, only }) {
  return cpuPrograms().filter(n => n === 'empty' || only === undefined || n.includes(only)).map(name => ({
    name: name === 'empty' ? startup : name,
    check: run => run.stdout.toString().trim(),
    command(contender) {
      const file = program(`cpu/${name}`, targetOf(contender));
      return file.skip ? file : commands.exec(contender, file);
    },
  }));
}

export const targetOf = contender => (contender === 'native' || contender === 'wasm' ? contender : 'riscv64');
