/** A quiet sign of work under way; the words beside it say what. */
export const Spinner = ({ className = "size-4" }: { className?: string }) => (
  <svg viewBox="0 0 16 16" className={`animate-spin ${className}`} aria-hidden="true" focusable="false">
    <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeOpacity="0.25" strokeWidth="1.5" />
    <path
      d="M8 1.75a6.25 6.25 0 0 1 6.25 6.25"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
    />
  </svg>
);
