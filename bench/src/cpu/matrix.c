// Product of two matrices of doubles, rows in the inner loop's stride. What is printed is the same whether multiplication and addition are fused or not.
#include <stdio.h>
#define N 300
static double a[N][N], b[N][N], c[N][N];
int main(void) {
  double sum = 0;
  for (int round = 0; round < 36; round++) {
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { a[i][j] = (i * 7 + j * 3 + round) % 17 * 0.1; b[i][j] = (i * 5 + j) % 13 / 3.0; }
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) {
      double s = 0;
      for (int k = 0; k < N; k++) s += a[i][k] * b[k][j];
      c[i][j] = s;
    }
    for (int i = 0; i < N; i++) sum += c[i][(i * 11) % N];
  }
  printf("matrix %.3f\n", sum);
  return 0;
}
