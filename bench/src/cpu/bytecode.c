// A stack machine: fetch, switch, memory traffic; what interpreters of scripting languages do all day.
#include <stdint.h>
#include <stdio.h>

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, XOR, LESS, JUMP, BRANCH, GET, PUT, HALT };

static int64_t memory[256];

__attribute__((noinline)) static int64_t run(const int16_t *code, int64_t *local) {
  int64_t stack[64], *sp = stack;
  for (const int16_t *pc = code;;) {
    switch (*pc++) {
      case PUSH: *sp++ = *pc++; break;
      case LOAD: *sp++ = local[*pc++]; break;
      case STORE: local[*pc++] = *--sp; break;
      case ADD: sp--; sp[-1] += sp[0]; break;
      case SUB: sp--; sp[-1] -= sp[0]; break;
      case MUL: sp--; sp[-1] *= sp[0]; break;
      case XOR: sp--; sp[-1] ^= sp[0]; break;
      case LESS: sp--; sp[-1] = sp[-1] < sp[0]; break;
      case JUMP: pc = code + *pc; break;
      case BRANCH: pc = *--sp ? pc + 1 : code + *pc; break;
      case GET: sp[-1] = memory[sp[-1] & 255]; break;
      case PUT: sp -= 2; memory[sp[1] & 255] = sp[0]; break;
      case HALT: return sp[-1];
    }
  }
}

int main(void) {
  // for (i = 0; i < n; i++) { x = x * 31 + memory[i] ^ i; memory[x] = x - i; }
  static const int16_t program[] = {
    /*  0 */ LOAD, 0, LOAD, 1, LESS, BRANCH, 38,
    /*  7 */ LOAD, 2, PUSH, 31, MUL, LOAD, 0, GET, ADD, LOAD, 0, XOR, STORE, 2,
    /* 21 */ LOAD, 2, LOAD, 0, SUB, LOAD, 2, PUT,
    /* 29 */ LOAD, 0, PUSH, 1, ADD, STORE, 0, JUMP, 0,
    /* 38 */ LOAD, 2, HALT,
  };
  int64_t local[3] = {0, 8000000, 1};
  printf("bytecode %llx\n", (unsigned long long)run(program, local));
  return 0;
}
