// Boots a machine, runs a pipeline in it, and looks at its files. Run: node examples/hello.mjs (after npm install)
import { boot } from 'kspace';

const machine = await boot({ memory: '256M', hostname: 'example' });

const { stdout, code } = await machine.run('seq 1 1000 | sort -rn | head -3; uname -n');
console.log(stdout, 'exit status', code);

machine.writeFile('/tmp/names', 'ada\ngrace\nedsger\n');
console.log((await machine.run(['sort', '/tmp/names'])).stdout);
console.log(machine.readdir('/').join(' '));

await machine.stop();
