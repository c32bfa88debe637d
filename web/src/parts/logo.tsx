/** Osteon's mark: two bones and a line between them. */
export function Logo() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        class="bone"
        d="M9 6c2.500 3 3.500 6.500 3.500 10S11.500 23 9 26M23 6c-2.500 3-3.500 6.500-3.500 10s1 7 3.500 10"
      />
      <path class="line" d="M9.500 19.500 14 16l3.500 2.200L22.500 14" />
    </svg>
  );
}
