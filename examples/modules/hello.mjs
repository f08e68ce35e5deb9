// A module of the kernel: /dev/hello greets whoever reads it. Run it with
//   kspace run --module examples/modules/hello.mjs -- cat /dev/hello
export const name = 'hello';

/** `api`: the classes that drivers are made of (src/system/modules/module-api.ts). What it answers are drivers for devices of the tree; here there are none. */
export function init(api) {
  const greeting = new TextEncoder().encode('hello from a module\n');

  class Greeting extends api.OpenFile {
    read(_task, io, pos) { return pos >= greeting.length ? 0 : io.put(greeting, pos, greeting.length - pos); }
    get isSeekable() { return true; }
  }

  class Hello extends api.DeviceDriver {
    open(_task, inode, flags) { return new Greeting(inode, flags); }
  }

  api.kernel.devices.register('character', 241, 0, 1, 'hello', new Hello());
  api.kernel.devices.addNode('hello', 'character', 241, 0, 0o444);
  api.log('ready');
}
