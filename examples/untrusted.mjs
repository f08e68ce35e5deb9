// Commands that somebody else wrote: bounded memory, a deadline, a directory of the host that they may only read. Run: node examples/untrusted.mjs
import { boot } from 'kspace';

const machine = await boot({ memory: '64M', mounts: { '/work': { path: '.', readOnly: true } } });

for (const command of ['ls /work | head -3', 'echo no > /work/x', ':(){ :|:& };: ; wait', 'rm -rf /; echo survived', 'while :; do :; done']) {
  const p = machine.spawn(command, { uid: 1000 });
  const deadline = setTimeout(() => p.kill('SIGKILL'), 2000);
  const [out, err, status] = await Promise.all([text(p.stdout), text(p.stderr), p.status]);
  clearTimeout(deadline);
  console.log(`$ ${command}\n${out}${err.split('\n').slice(0, 2).join('\n')}\n-> ${status.signal ?? status.code}`);
}
await machine.stop();

async function text(stream) {
  let all = '';
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) all += chunk;
  return all;
}
