// Device majors that tell a class (Documentation/admin-guide/devices.txt).

/** Memory devices: null, zero, random ... */
export const MEM_MAJOR = 1;
/** Terminals: virtual and serial ones, /dev/tty and /dev/console, pseudo-terminals, hypervisor consoles. */
export const TTY_MAJORS: readonly number[] = [4, 5, 128, 136, 204, 229];
