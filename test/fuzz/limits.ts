// Programs that end because they may not go on: by steps, depth, memory, output, nesting, the length of a list.
import type { Random } from './random.ts'

const endless: readonly string[] = [
  '(let loop ((i 0)) (loop (+ i 1)))',
  '(letrec ((f (fn (n) (+ 1 (f n))))) (f 0))',
  '(letrec ((f (fn () (g))) (g (fn () (f)))) (f))',
  '(letrec ((f (fn () (p (f))))) (f))',
  '(range 0 1e9)',
  '(let loop ((s "ab")) (loop (str s s)))',
  '(let loop ((l (list 1))) (loop (concat l l)))',
  '(do ((i 0 (+ i 1))) (false) (append! log i))',
  '(let ((f nil)) (set! f (fn (x) (map f (list x)))) (f 1))',
  '(guard (e (else "caught")) (let loop () (loop)))',
  '(dynamic-wind (fn () (append! log "in")) (fn () (let loop () (loop))) (fn () (append! log "out")))',
  '(let ((k nil)) (call/cc (fn (c) (set! k c))) (k 1))',
  '(str (let loop ((i 0) (l nil)) (if (< i 700) (loop (+ i 1) (list l)) l)))',
  '(let loop ((i 0)) (<> "x" (loop (+ i 1))))',
  '(for-each (fn (a) (for-each (fn (b) (for-each (fn (c) nil) (range 300))) (range 300))) (range 300))',
]

/** They end, after many calls: a tier has to hand over, or to be deep, and give the same. */
const deep: readonly ((n: number) => string)[] = [
  n => `(letrec ((f (fn (n) (if (< n 1) 0 (+ 1 (f (- n 1))))))) (f ${n}))`,
  n =>
    `(letrec ((f (fn (n) (if (< n 1) (do (append! log "end") 0) (+ 1 (g (- n 1)))))) (g (fn (n) (* 1 (f n))))) (f ${n}))`,
  n => `(let loop ((i 0) (acc 0)) (if (< i ${n}) (loop (+ i 1) (+ acc i)) acc))`,
  n => `(reduce + 0 (map (fn (i) (mod i 7)) (range ${n})))`,
  n => `(letrec ((f (fn (n) (if (< n 1) "end" (b (f (- n 1))))))) (f ${n % 300}))`,
  n => `(call/cc (fn (k) (letrec ((f (fn (n) (if (< n 1) (k "out") (+ 1 (f (- n 1))))))) (f ${n}))))`,
  n =>
    `(guard (e (else (list e (len log)))) (letrec ((f (fn (n) (if (< n 1) (raise "deep") (+ 1 (f (- n 1))))))) (f ${n})))`,
  n => `(len (let loop ((i 0) (l nil)) (if (< i ${n}) (loop (+ i 1) (cons i l)) l)))`,
]

export const limitProgram = (r: Random): string =>
  r.chance(40) ? r.pick(endless) : r.pick(deep)(200 + r.below(1800))
