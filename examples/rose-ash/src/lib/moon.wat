;; The moon for the almanac. `age(day)` is the moon's age in tenths of a day, counted from a known new moon
;; (2000-01-06), for a day counted from 2000-01-01; `lit(day)` is the lit part of the disc in percent.
(module
  (func $age (export "age") (param $day i32) (result i32)
    (local $rest i64)
    ;; 29.530588 days = 29530588 millionths; the remainder of the days since that new moon
    (local.set $rest
      (i64.rem_s
        (i64.mul (i64.extend_i32_s (i32.sub (local.get $day) (i32.const 5))) (i64.const 1000000))
        (i64.const 29530588)))
    (if (i64.lt_s (local.get $rest) (i64.const 0))
      (then (local.set $rest (i64.add (local.get $rest) (i64.const 29530588)))))
    (i32.wrap_i64 (i64.div_s (local.get $rest) (i64.const 100000))))
  (func (export "lit") (param $day i32) (result i32)
    (local $from-half i32)
    ;; a straight line from new (0 %) to full (100 %) and back: good to a few percent, with no cosine
    (local.set $from-half (i32.sub (call $age (local.get $day)) (i32.const 148)))
    (if (i32.lt_s (local.get $from-half) (i32.const 0))
      (then (local.set $from-half (i32.sub (i32.const 0) (local.get $from-half)))))
    (i32.sub (i32.const 100) (i32.div_s (i32.mul (local.get $from-half) (i32.const 100)) (i32.const 148)))))
