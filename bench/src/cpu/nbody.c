// Planets: doubles, divisions, square roots. Compilers for riscv64 fuse multiply and add, so only six digits of the energy can be compared.
#include <math.h>
#include <stdio.h>
#define BODIES 5
#define STEPS 7000000

static double pos[BODIES][3], vel[BODIES][3], mass[BODIES];

static void advance(double dt) {
  for (int i = 0; i < BODIES; i++) for (int j = i + 1; j < BODIES; j++) {
    double dx = pos[i][0] - pos[j][0], dy = pos[i][1] - pos[j][1], dz = pos[i][2] - pos[j][2];
    double r2 = dx * dx + dy * dy + dz * dz, f = dt / (r2 * sqrt(r2));
    vel[i][0] -= dx * mass[j] * f; vel[i][1] -= dy * mass[j] * f; vel[i][2] -= dz * mass[j] * f;
    vel[j][0] += dx * mass[i] * f; vel[j][1] += dy * mass[i] * f; vel[j][2] += dz * mass[i] * f;
  }
  for (int i = 0; i < BODIES; i++) for (int k = 0; k < 3; k++) pos[i][k] += dt * vel[i][k];
}

static double energy(void) {
  double e = 0;
  for (int i = 0; i < BODIES; i++) {
    for (int k = 0; k < 3; k++) e += 0.5 * mass[i] * vel[i][k] * vel[i][k];
    for (int j = i + 1; j < BODIES; j++) {
      double r2 = 0;
      for (int k = 0; k < 3; k++) r2 += (pos[i][k] - pos[j][k]) * (pos[i][k] - pos[j][k]);
      e -= mass[i] * mass[j] / sqrt(r2);
    }
  }
  return e;
}

int main(void) {
  // A heavy one in the middle, the others on circles around it.
  mass[0] = 40;
  for (int i = 1; i < BODIES; i++) {
    double r = 4 * i;
    mass[i] = 0.001 * i;
    pos[i][0] = i & 1 ? r : -r;
    vel[i][1] = (i & 1 ? 1 : -1) * sqrt(mass[0] / r);
    pos[i][2] = 0.01 * i;
  }
  for (int i = 0; i < STEPS; i++) advance(0.001);
  printf("nbody %.6f\n", energy());
  return 0;
}
