"""The items that can be recommended, and their genres."""
GENRES = ['drama', 'comedy', 'crime', 'nature', 'space', 'music']
ITEMS = [[i % 6, (i * 5 + i // 6) % 6] for i in range(48)]
