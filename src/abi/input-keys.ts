// Keys and buttons by name (linux/input-event-codes.h): what EV_KEY events are about.

/** Codes from 1 on; '-': no key has it. */
const KEYS = `
  ESC 1 2 3 4 5 6 7 8 9 0 MINUS EQUAL BACKSPACE TAB Q W E R T Y U I O P LEFTBRACE RIGHTBRACE ENTER LEFTCTRL A S D F G H J K L SEMICOLON
  APOSTROPHE GRAVE LEFTSHIFT BACKSLASH Z X C V B N M COMMA DOT SLASH RIGHTSHIFT KPASTERISK LEFTALT SPACE CAPSLOCK F1 F2 F3 F4 F5 F6 F7 F8
  F9 F10 NUMLOCK SCROLLLOCK KP7 KP8 KP9 KPMINUS KP4 KP5 KP6 KPPLUS KP1 KP2 KP3 KP0 KPDOT - ZENKAKUHANKAKU 102ND F11 F12 RO KATAKANA
  HIRAGANA HENKAN KATAKANAHIRAGANA MUHENKAN KPJPCOMMA KPENTER RIGHTCTRL KPSLASH SYSRQ RIGHTALT LINEFEED HOME UP PAGEUP LEFT RIGHT END
  DOWN PAGEDOWN INSERT DELETE MACRO MUTE VOLUMEDOWN VOLUMEUP POWER KPEQUAL KPPLUSMINUS PAUSE SCALE KPCOMMA HANGEUL HANJA YEN LEFTMETA
  RIGHTMETA COMPOSE STOP AGAIN PROPS UNDO FRONT COPY OPEN PASTE FIND CUT HELP MENU CALC SETUP SLEEP WAKEUP`;

const BUTTONS = ['LEFT', 'RIGHT', 'MIDDLE', 'SIDE', 'EXTRA', 'FORWARD', 'BACK', 'TASK'];
const BTN_MOUSE = 0x110;

/** KEY_ESC: 1 ... BTN_LEFT: 0x110 ... */
export const KEY_CODES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(KEYS.trim().split(/\s+/).map((name, i): [string, number] => [`KEY_${name}`, i + 1]).filter(([name]) => name !== 'KEY_-')),
  ...Object.fromEntries(BUTTONS.map((name, i): [string, number] => [`BTN_${name}`, BTN_MOUSE + i])),
};

/** Codes that a keyboard has. */
export const KEYBOARD_CODES: readonly number[] = Object.values(KEY_CODES).filter(code => code < BTN_MOUSE);
/** Buttons of a mouse or tablet. */
export const BUTTON_CODES: readonly number[] = BUTTONS.map((_, i) => BTN_MOUSE + i);
